"""Which flavor a model's files are of: the rule of the spec, as a table.

The serving runtime has the same rule for itself, since it runs without this package.
"""

from __future__ import annotations

from pathlib import Path

PICKLES = ("model.joblib", "model.skops", "model.pkl")

#: The first flavor that has a file of its own among the model's files is meant.
FILES = {
    "mlflow": ("MLmodel",),
    "sklearn": PICKLES,
    "lightgbm": ("model.txt", *PICKLES),
    "xgboost": ("model.ubj", "model.json", *PICKLES),
    "onnx": ("model.onnx",),
    "pytorch": ("model.pt2", "model.pt"),
    "huggingface": ("config.json",),
}


def find(source: Path) -> str | None:
    """The flavor of a folder, or of a single file (which is kept as "model" with its ending)."""
    for flavor, names in FILES.items():
        for name in names:
            if (source / name).is_file() or (source.is_file() and kept_name(source) == name):
                return flavor
    return None


def kept_name(file: Path) -> str:
    """What a single file is called once it is registered."""
    known = {Path(name).suffix for names in FILES.values() for name in names} - {""}
    return f"model{file.suffix}" if file.suffix in known - {".json", ".txt"} else file.name


def expected() -> str:
    """The names of files that tell a flavor, for people."""
    return ", ".join(dict.fromkeys(name for names in FILES.values() for name in names))
