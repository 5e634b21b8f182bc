"""A user's own code, of two functions."""

import os
from pathlib import Path

import numpy as np

weights = None


def init():
    global weights
    weights = np.load(Path(os.environ["AZUREML_MODEL_DIR"]) / "weights.npy")


def run(data):
    return np.asarray(data) @ weights
