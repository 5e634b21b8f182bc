"""The model as a BentoML service, as its documentation writes one: BENCH_FLAVOR, BENCH_MODEL."""

from __future__ import annotations

import os

import bentoml
import numpy as np


@bentoml.service(workers=1)
class Digits:
    def __init__(self) -> None:
        path = os.environ["BENCH_MODEL"]
        if os.environ["BENCH_FLAVOR"] == "onnx":
            import onnxruntime

            self.session = onnxruntime.InferenceSession(path)
            self.run = lambda rows: self.session.run(None, {"X": rows.astype(np.float32)})[0]
        else:
            import joblib

            self.run = joblib.load(path).predict

    @bentoml.api
    def predict(self, instances: np.ndarray) -> np.ndarray:
        return self.run(instances)
