"""What has to be there before a page is read: what it says that the reader has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.testbed import binaries, definitions

EXAMPLES = Path(__file__).parents[2] / "examples"
_IRIS = """
import joblib, json, hashlib, pathlib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

folder = pathlib.Path("model")
folder.mkdir()
joblib.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), folder / "model.joblib")
digest = hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest()
(folder / "mlstack-model.json").write_text(json.dumps({"files": {"model.joblib": digest}}))
"""


def model(folder: Path) -> None:
    """A registered model of iris in ./model."""
    subprocess.run([sys.executable, "-c", _IRIS], cwd=folder, check=True)


def examples(folder: Path) -> None:
    """The example digits with its spec as digits.yaml, and the examples as in a clone."""
    for example in ("digits", "pulumi-program"):
        copy_example(EXAMPLES / example, folder / "examples" / example)
    copy_example(EXAMPLES / "digits", folder)
    (folder / "mlstack.yaml").rename(folder / "digits.yaml")


def digits(folder: Path) -> None:
    """The example digits, which nothing has been made of yet."""
    copy_example(EXAMPLES / "digits", folder)


def provider(folder: Path) -> None:
    """The example provider, as in a clone."""
    copy_example(EXAMPLES / "provider", folder / "examples" / "provider")


def control_plane(_folder: Path) -> None:
    """What takes long to build, and what is fetched."""
    binaries()
    definitions("keda")


def copy_example(example: Path, folder: Path) -> None:
    """The files of an example, without those that a stack in it may have left."""
    left = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    shutil.copytree(example, folder, ignore=left, dirs_exist_ok=True)


#: The page of the example that other pages have up: it takes the stack down, so it is the last.
LAST = "examples/digits/README.md"

SETUPS = {
    "serving/README.md": model,
    "docs/pulumi-programs.md": examples,
    "docs/eject.md": digits,
    "docs/rehearsal.md": digits,
    "docs/testbed.md": control_plane,
    "docs/writing-a-provider.md": provider,
}
