"""Train a classifier of wines by cultivar from thirteen measurements; every fifth row is held out."""

import argparse
import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
parser.add_argument("--c", type=float, default=1.0)
args = parser.parse_args()

rows = pd.read_csv(args.data)
measures, cultivars = rows.drop(columns="cultivar").to_numpy(), rows["cultivar"].to_numpy()
held_out = rows.index % 5 == 0

model = make_pipeline(StandardScaler(), LogisticRegression(C=args.c, max_iter=1000))
model.fit(measures[~held_out], cultivars[~held_out])
accuracy = float(model.score(measures[held_out], cultivars[held_out]))

args.out.mkdir(parents=True, exist_ok=True)
joblib.dump(model, args.out / "model.joblib")
(args.out / "metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\n")
print(f"accuracy {accuracy:.4f} on {held_out.sum()} wines held out")
