"""What an environment of the spec asks for, wherever it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlstack.lowering.locks import conda, requirements
from mlstack.lowering.locks.faults import Fault, Listed
from mlstack.spec import Environment

_Read = Callable[[Path, str], Listed]


def of_spec(spec: Environment, root: Path) -> Listed:
    """Requirements, constraints and Python of the spec's files and packages, with all that is wrong in
    the files. What is wrong with ``packages`` is left to `requirements.check`."""
    if spec.conda is not None:
        return _file(conda.read, root, spec.conda)
    if spec.requirements is None:
        return Listed(tuple(spec.packages), python=spec.python)
    found = _file(requirements.read, root, spec.requirements)
    return Listed(
        (*found.requirements, *spec.packages), found.constraints, spec.python, found.faults, found.warnings
    )


def _file(read: _Read, root: Path, name: str) -> Listed:
    try:
        return read(root / name, name)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        fault = Fault("", f"{name} cannot be read: {why}", "paths are relative to the spec's folder")
        return Listed(faults=(fault,))
