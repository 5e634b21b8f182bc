"""How well a model does on the digits of scikit-learn: ``--model`` a folder, ``--metrics`` a JSON file."""

import argparse
import json
from pathlib import Path

import joblib
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser()
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--metrics", type=Path, required=True)
arguments = parser.parse_args()

rows, labels = load_digits(return_X_y=True)
accuracy = joblib.load(arguments.model / "model.joblib").score(rows, labels)
arguments.metrics.write_text(json.dumps({"accuracy": accuracy}))
print(f"accuracy {accuracy:.3f}")
