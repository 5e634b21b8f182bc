"""Mistakes in specs and native blocks: a rehearsed preview, without an account, names the field and the
remedy.

`mistakes.yaml` says what is expected; it was written from the platform's documents and the SDK's types.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

HERE = Path(__file__).parent
FILES = HERE.parents[1] / "oracle" / "cases" / "files"
MLSTACK = Path(sys.executable).parent / "mlstack"
SOUND = YAML(typ="safe").load(HERE / "sound.yaml")

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Mistake:
    """``field``: words of the place that is to be blamed. ``says``: words of the remedy."""

    name: str
    change: Mapping[str, Any]
    field: tuple[str, ...]
    says: tuple[str, ...]
    pending: str | None = None
    command: str = "preview"


MISTAKES = [
    Mistake(
        name,
        row["change"],
        tuple(row["field"]),
        tuple(row["says"]),
        row.get("pending"),
        row.get("command", "preview"),
    )
    for name, row in YAML(typ="safe").load(HERE / "mistakes.yaml").items()
]


def laid(below: Any, above: Any) -> Any:
    """Maps merge, all else replaces."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    return {**below, **{key: laid(below.get(key), item) for key, item in above.items()}}


def rehearse(command: str, root: Path, spec: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of the real command line."""
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    with (root / "mlstack.yaml").open("w") as file:
        YAML().dump(dict(spec), file)
    ran = subprocess.run(
        [MLSTACK, command, "--rehearse", "--yes", "--json"],
        cwd=root,
        env={**os.environ, "MLSTACK_NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, json.loads(ran.stdout)


def test_the_stack_is_sound_without_them(tmp_path: Path) -> None:
    code, answer = rehearse("preview", tmp_path, SOUND)
    assert code == 0, answer


def test_there_are_enough() -> None:
    assert len(MISTAKES) >= 30


@pytest.mark.drawn
@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(
            each,
            id=each.name,
            marks=[pytest.mark.xfail(reason=each.pending, strict=True)] if each.pending else [],
        )
        for each in MISTAKES
    ],
)
def test_a_mistake_is_named_with_its_remedy(mistake: Mistake, tmp_path: Path) -> None:
    code, answer = rehearse(mistake.command, tmp_path, laid(SOUND, mistake.change))
    assert code in (1, 2, 3, 4), answer
    errors = answer.get("errors") or [answer["error"]]
    assert any(not lacks(error, mistake) for error in errors), [
        lacks(error, mistake) for error in errors
    ] + errors


def lacks(error: Mapping[str, Any], mistake: Mistake) -> list[str]:
    """What the error should say and does not."""
    place = " ".join(str(error.get(key) or "") for key in ("path", "where", "message"))
    words = f"{error['message']} {error.get('remedy') or ''}"
    missing = [f"the place lacks {word!r}" for word in mistake.field if not _has(place, word)]
    return missing + [f"the words lack {word!r}" for word in mistake.says if not _has(words, word)]


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
