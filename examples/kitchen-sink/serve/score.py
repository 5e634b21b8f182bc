"""The model, answering with how sure it is."""

import os
from pathlib import Path

import joblib
import numpy


def init():
    global model
    model = joblib.load(Path(os.environ["AZUREML_MODEL_DIR"]) / "model.joblib")


def run(data):
    # a table with a header comes as columns by name, all else as rows
    rows = numpy.column_stack(list(data.values())) if isinstance(data, dict) else data
    chances = model.predict_proba(rows)
    return [{"digit": int(row.argmax()), "probability": round(float(row.max()), 4)} for row in chances]
