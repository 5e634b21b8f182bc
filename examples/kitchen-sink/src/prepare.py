"""Drop the rows that are incomplete: ``--in`` a csv, ``--out`` a folder."""

import argparse
from pathlib import Path

import pandas

parser = argparse.ArgumentParser()
parser.add_argument("--in", dest="source", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
arguments = parser.parse_args()

pandas.read_csv(arguments.source).dropna().to_csv(arguments.out / "clean.csv", index=False)
