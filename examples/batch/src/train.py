"""Train a classifier of tumours, by measures of cell nuclei; write the model, and how well it does.

Every fourth sample is held out. The model takes the columns by their names, so a table may have others too.
"""

import argparse
import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HELD_OUT = 4

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="CSV: sample, 30 measures, benign (0 or 1)")
parser.add_argument("--out", type=Path, required=True, help="folder for the model and its metrics")
args = parser.parse_args()

rows = pd.read_csv(args.data)
measures, benign = rows.drop(columns=["sample", "benign"]), rows["benign"]
held_out = rows.index % HELD_OUT == 0

model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
model.fit(measures[~held_out], benign[~held_out])

accuracy = float(accuracy_score(benign[held_out], model.predict(measures[held_out])))
joblib.dump(model, args.out / "model.joblib")
(args.out / "metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\n")
print(f"trained on {(~held_out).sum()} samples, accuracy {accuracy:.3f} on {held_out.sum()} held out")
