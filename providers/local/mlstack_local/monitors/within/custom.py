"""Calls a user's ``measure(requests, baseline)``. A script for the interpreter of a deployment's environment.

Of the standard library alone, Python >= 3.9: the environment may have nothing else.
"""

import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any


def table(path: Path) -> Any:
    """A DataFrame where there is pandas, else a dict of arrays, else of lists; None where there is none."""
    columns = json.loads(path.read_text())
    if columns is None:
        return None
    if importlib.util.find_spec("pandas"):
        import pandas

        return pandas.DataFrame(columns)
    if importlib.util.find_spec("numpy"):
        import numpy

        return {name: numpy.asarray(values) for name, values in columns.items()}
    return columns


def main(folder: Path) -> None:
    task = json.loads((folder / "task.json").read_text())
    script = Path(task["script"])
    sys.path.insert(0, str(script.parent))
    spec = importlib.util.spec_from_file_location("mlstack_measure", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, "measure", None)):
        sys.exit(f"{script.name} has no function measure(requests, baseline)")
    found = module.measure(table(folder / "requests.json"), table(folder / "baseline.json"))
    try:
        value = float(found)
    except (TypeError, ValueError):
        sys.exit(f"measure returned {found!r}, which is no number")
    if not math.isfinite(value):
        sys.exit(f"measure returned {value}")
    (folder / "result.json").write_text(json.dumps(value))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
