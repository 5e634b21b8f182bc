"""Answer with the probability that a sample is benign, in place of yes or no.

``run`` is called with one mini-batch after the other: {column: array}. It returns an entry for each row.
"""

import os
from pathlib import Path

import joblib
import pandas as pd


def init():
    global model
    model = joblib.load(Path(os.environ["AZUREML_MODEL_DIR"]) / "model.joblib")


def run(mini_batch):
    measures = pd.DataFrame(mini_batch)[model.feature_names_in_]
    return model.predict_proba(measures)[:, 1].round(4)
