"""The cases: what a spec of mlstack says, and what an AWS account holds when it is up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent / "cases"
FILES = HERE / "files"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"

#: What every case has, but for those that stand alone: a bucket and a role that are there already, so that
#: only what a case is about is made.
COMMON: Mapping[str, Any] = {
    "version": 1,
    "name": "oracle",
    "cloud": "aws",
    "region": "eu-west-1",
    "settings": {"aws": {"role_arn": ROLE}},
    "workspace": {"existing": "ml-bucket"},
}


@dataclass(frozen=True, eq=False)
class Case:
    """``holds``: by address, what the account has that it had not before, or had otherwise."""

    name: str
    spec: Mapping[str, Any]
    holds: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name


@cache
def cases() -> tuple[Case, ...]:
    """All cases, from the files beside this one. Names are unique."""
    found = [case for file in sorted(HERE.glob("*.yaml")) for case in _of(file)]
    names = [case.name for case in found]
    assert len(set(names)) == len(names), "two cases of one name"
    return tuple(found)


def _of(file: Path) -> Iterator[Case]:
    """A file's first document has what its cases share: ``mlstack`` and ``aws`` of each are laid over it.
    ``alone``: not even what all cases have."""
    shared, *documents = YAML(typ="safe").load_all(file)
    for document in documents:
        common = _merged({} if shared.get("alone") else COMMON, shared["mlstack"])
        spec, holds = _merged(common, document["mlstack"]), _merged(shared["aws"], document["aws"])
        yield Case(f"{file.stem}-{document['case']}", spec, holds)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Maps merge, null removes, all else replaces."""
    result = dict(one)
    for key, item in other.items():
        held = result.get(key)
        if item is None:
            result.pop(key, None)
        else:
            both = isinstance(item, Mapping) and isinstance(held, Mapping)
            result[key] = _merged(held, item) if both else item
    return result
