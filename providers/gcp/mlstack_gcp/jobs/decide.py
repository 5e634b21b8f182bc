"""Whether a condition of a pipeline's step holds: what a container runs between two steps.

It is told the condition as JSON (`mlstack_gcp.conditions`, with the place of each file of numbers), and where
to write "true" or "false".
"""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(condition: list[list[dict[str, Any]]], read: Callable[[str], Any]) -> bool:
    """``read``: the content of a file of numbers, by its URI."""
    return any(all(_compared(each, read) for each in part) for part in condition)


def _compared(comparison: dict[str, Any], read: Callable[[str], Any]) -> bool:
    left, right = (_value(comparison[side], read) for side in ("left", "right"))
    return bool(_SIGNS[comparison["sign"]](left, right))


def _value(operand: dict[str, Any], read: Callable[[str], Any]) -> Any:
    if operand.get("uri") is None:
        return operand["value"]
    found = read(operand["uri"])
    for key in operand["path"]:
        if not isinstance(found, dict) or key not in found:
            raise SystemExit("{} has no {}".format(operand["uri"], ".".join(operand["path"])))
        found = found[key]
    return found


def _read(uri: str) -> Any:
    from google.cloud import storage

    bucket, _, name = uri[len("gs://") :].partition("/")
    return json.loads(storage.Client().bucket(bucket).blob(name).download_as_bytes())


def main(condition: str, file: str) -> None:
    word = "true" if holds(json.loads(condition), _read) else "false"
    print("the condition is", word)
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(word)


if __name__ == "__main__":
    main(*sys.argv[1:3])
