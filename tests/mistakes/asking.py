"""What the real command line answers to a spec with a mistake, and what that answer lacks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.e2e.rehearsal import quick

from .table import Mistake, Place, laid

FILES = Path(__file__).parent / "files"
SPEC = "mlstack.yaml"


@dataclass(frozen=True)
class Answer:
    """Exit code, what was printed as JSON, and the folder that it was asked in."""

    code: int
    body: Mapping[str, Any]
    root: Path

    @property
    def errors(self) -> list[dict[str, Any]]:
        """All that it complains of, each with its category: a bad spec is always its author's."""
        if "error" in self.body:
            return [self.body["error"]]
        return [{"category": "user", **error} for error in self.body.get("errors", [])]


def ask(root: Path, stack: Mapping[str, Any], mistake: Mistake | None = None) -> Answer:
    """Rehearse a stack, with the mistake in it."""
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    asked = {"MLSTACK_NO_COLOR": "1"}
    _write(root / SPEC, laid(stack, mistake.change) if mistake else dict(stack))
    if mistake is not None and mistake.faults:
        _write(root / "faults.yaml", {"faults": [dict(each) for each in mistake.faults]})
        asked["MLSTACK_FAULTS"] = str(root / "faults.yaml")
    command = mistake.command if mistake else "preview"
    ran = quick.mlstack(stack["cloud"], root, command, "--rehearse", "--yes", "--json", **asked)
    assert "Traceback" not in ran.stderr, ran.stderr
    return Answer(ran.returncode, json.loads(ran.stdout), root)


def lacking(answer: Answer, mistake: Mistake) -> list[str]:
    """What the answer should say and does not, where no error of it says all; empty when one does."""
    if not answer.errors:
        return ["it is taken"]
    lacks = [_lacks(error, answer.root, mistake) for error in answer.errors]
    return [] if [] in lacks else [*min(lacks, key=len), json.dumps(answer.errors, indent=1)]


def _lacks(error: Mapping[str, Any], root: Path, mistake: Mistake) -> list[str]:
    place = " ".join(str(error.get(key) or "") for key in ("path", "where", "message"))
    words = f"{error['message']} {error.get('remedy') or ''}"
    missing = [f"the place lacks {word!r}" for word in mistake.field if not _has(place, word)]
    missing += [f"the words lack {word!r}" for word in mistake.says if not _has(words, word)]
    if not error.get("remedy"):
        missing.append("there is no remedy")
    if error["category"] != mistake.category:
        missing.append(f"the category is {error['category']}, not {mistake.category}")
    if mistake.at is not None:
        line = line_of(root / SPEC, mistake.at)
        told = error.get("line") or _line(str(error.get("where") or ""))
        if told != line:
            missing.append(f"the line is {told}, not {line}")
    return missing


def line_of(file: Path, place: Place) -> int | None:
    """The line that a place of a YAML file is on, from 1."""
    at, line = YAML(typ="rt").load(file), None
    for step in place:
        lines = at.lc.key if isinstance(at, Mapping) else at.lc.item
        line = lines(step)[0] + 1
        at = at[step]
    return line


def _write(file: Path, held: Mapping[str, Any]) -> None:
    yaml = YAML()
    yaml.width = 10_000  # a line for each value, however long
    with file.open("w") as opened:
        yaml.dump(held, opened)


def _line(where: str) -> int | None:
    found = re.search(rf"\b{re.escape(SPEC)}:(\d+)", where)
    return int(found[1]) if found else None


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None
