"""Train a classifier of digits: ``--data`` a csv with a column target, ``--c``, ``--out`` a folder."""

import argparse
from pathlib import Path

import joblib
import pandas
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--c", type=float, default=1.0)
parser.add_argument("--out", type=Path, required=True)
arguments = parser.parse_args()

table = pandas.read_csv(arguments.data)
model = make_pipeline(MinMaxScaler(), LogisticRegression(C=arguments.c, max_iter=500))
model.fit(table.drop(columns="target").to_numpy(), table["target"])
joblib.dump(model, arguments.out / "model.joblib")
