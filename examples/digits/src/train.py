"""Train a classifier of handwritten digits; write the model, and how well it does on rows it has not seen.

Every fifth row is held out. The model is a joblib file, the metrics are numbers in a JSON file beside it.
"""

import argparse
import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

HELD_OUT = 5

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="CSV: 64 pixels of 0 to 16, and the target")
parser.add_argument("--out", type=Path, required=True, help="folder for the model and its metrics")
parser.add_argument("--c", type=float, default=1.0, help="inverse strength of regularisation")
args = parser.parse_args()

rows = pd.read_csv(args.data)
pixels, targets = rows.drop(columns="target").to_numpy(float), rows["target"].to_numpy()
held_out = rows.index % HELD_OUT == 0

model = make_pipeline(MinMaxScaler(), SVC(C=args.c, random_state=0))
model.fit(pixels[~held_out], targets[~held_out])

accuracy = float(accuracy_score(targets[held_out], model.predict(pixels[held_out])))
metrics = {"accuracy": accuracy, "trained_on": int((~held_out).sum()), "held_out": int(held_out.sum())}

args.out.mkdir(parents=True, exist_ok=True)
joblib.dump(model, args.out / "model.joblib")
(args.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
print(f"trained on {metrics['trained_on']} digits, accuracy {accuracy:.4f} on {metrics['held_out']} held out")
