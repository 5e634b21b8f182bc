"""The cases: a piece of a spec, and the documents that Google Cloud has to hold for it.

A file of ``cases/`` is one stack: its ``surroundings`` and the pieces of all its cases. What the documents
are is written from the design and from Google's reference, field by field; ``like`` names a template of the
file that it is laid over. In their texts, "$account" and the like stand for names that all have in common
(`NAMES`), and one that begins with "re:" is a pattern of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlstack.testing.cases import merged
from mlstack.testing.record import PROJECT, UID

HERE = Path(__file__).parent
FILES = HERE / "files"
VARIABLES = {"ORACLE_TOKEN": "c4n4ry"}
REGION = "europe-west4"
COMMON: Mapping[str, Any] = {
    "version": 1,
    "name": "oracle",
    "cloud": "gcp",
    "region": REGION,
    "tags": {"team": "vision"},
    "settings": {"gcp": {"project": "ml-prod"}},
}
_HASH = "[0-9a-f]{8}"
#: What names stand for, as a pattern. The number of a project is the emulated cloud's.
NAMES: Mapping[str, str] = {
    "account": rf"{PROJECT}-{_HASH}@ml-prod\.iam\.gserviceaccount\.com",
    "builder": rf"{PROJECT}-build-{_HASH}@ml-prod\.iam\.gserviceaccount\.com",
    "bucket": rf"{PROJECT}-{_HASH}",
    "files": rf"{PROJECT}-{_HASH}/mlstack/{UID}",
    "here": rf"projects/(\d{{12}}|ml-prod)/locations/{REGION}",
    "project": r"projects/(\d{12}|ml-prod)",
    "key": rf"projects/(\d{{12}}|ml-prod)/locations/{REGION}/keyRings/ring/cryptoKeys/key",
    "hash": _HASH,
    "digest": "[0-9a-f]{12}",
}


@dataclass(frozen=True, eq=False)
class Expected:
    """One document: ``word`` is the last word of the resource's type, ``of`` says whose it is."""

    word: str
    of: str
    body: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    name: str
    stack: str
    piece: Mapping[str, Any]
    expected: tuple[Expected, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Stack:
    name: str
    spec: Mapping[str, Any]
    cases: tuple[Case, ...]


@cache
def stacks() -> tuple[Stack, ...]:
    return tuple(_stack(file) for file in sorted((HERE / "cases").glob("*.yaml")))


def _stack(file: Path) -> Stack:
    head, *rest = YAML(typ="safe").load_all(file)
    spec, templates = merged(COMMON, head["surroundings"]), head.get("templates", {})
    found = []
    for each in rest:
        documents = tuple(
            Expected(word, of, merged(templates[one["like"]] if "like" in one else {}, one.get("is", {})))
            for one in each["google"]
            for word, of in [next(iter(one.items()))]
        )
        found.append(Case(f"{file.stem}-{each['case']}", file.stem, each["mlstack"], documents))
        spec = merged(spec, each["mlstack"])
    return Stack(file.stem, spec, tuple(found))


def matches(wanted: Any, value: Any) -> bool:
    """Whether a text is what "$name" and "re:" ask for."""
    if not isinstance(wanted, str) or not isinstance(value, str):
        return False
    if wanted.startswith("re:"):
        pattern = wanted[3:]
    elif "$" in wanted:
        pattern = "".join(
            part if part.startswith("$") else re.escape(part) for part in re.split(r"(\$\w+)", wanted)
        )
    else:
        return False
    pattern = re.sub(
        r"\$(\w+)", lambda found: f"(?:{NAMES[found[1]]})" if found[1] in NAMES else found[0], pattern
    )
    return re.fullmatch(pattern, value) is not None
