"""Train a classifier of tumours, malignant or benign; write the model, and how well it does on unseen rows.

Every fifth row is held out. The model is a joblib file, the metrics are numbers in a JSON file beside it.
"""

import argparse
import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import accuracy_score

HELD_OUT = 5

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument(
    "--data", type=Path, required=True, help="CSV: 30 measures of the nuclei, and the diagnosis"
)
parser.add_argument("--out", type=Path, required=True, help="folder for the model and its metrics")
parser.add_argument("--depth", type=int, default=3, help="depth of each tree")
args = parser.parse_args()

rows = pd.read_csv(args.data)
measures, diagnoses = rows.drop(columns="diagnosis").to_numpy(float), rows["diagnosis"].to_numpy()
held_out = rows.index % HELD_OUT == 0

model = GradientBoostingClassifier(max_depth=args.depth, random_state=0)
model.fit(measures[~held_out], diagnoses[~held_out])

accuracy = float(accuracy_score(diagnoses[held_out], model.predict(measures[held_out])))
metrics = {"accuracy": accuracy, "trained_on": int((~held_out).sum()), "held_out": int(held_out.sum())}

args.out.mkdir(parents=True, exist_ok=True)
joblib.dump(model, args.out / "model.joblib")
(args.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
print(
    f"trained on {metrics['trained_on']} tumours, accuracy {accuracy:.4f} on {metrics['held_out']} held out"
)
