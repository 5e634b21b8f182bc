"""Train a classifier of wines: ``--kind logistic`` or ``forest``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import joblib
import pandas
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

KINDS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": lambda: RandomForestClassifier(n_estimators=50, random_state=0),
}

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--kind", choices=KINDS, required=True)
parser.add_argument("--out", type=Path, required=True)
arguments = parser.parse_args()

table = pandas.read_csv(arguments.data)
rows, labels = table.drop(columns="cultivar").to_numpy(), table["cultivar"]
model = KINDS[arguments.kind]()
accuracy = cross_val_score(model, rows, labels, cv=5).mean()
joblib.dump(model.fit(rows, labels), arguments.out / "model.joblib")
(arguments.out / "metrics.json").write_text(json.dumps({"accuracy": accuracy}))
print(f"{arguments.kind}: accuracy {accuracy:.3f} in five folds")
