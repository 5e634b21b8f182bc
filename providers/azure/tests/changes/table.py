"""The table of changes: what each leads to on Azure, as Azure's own documents and azure-native's code say.

A file of ``cases/`` is one stack. Every case has a resource of its own in it, as it is ``before``, and all
are changed at once: what happens to a resource's own parts is then the change's doing. ``surroundings`` are
what they refer to, and change in no case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CASES = Path(__file__).parent / "cases"

#: Files that specs name.
FILES = {
    "src/train.py": "print('one')\n",
    "src-other/train.py": "print('other')\n",
    "serve/score.py": "def run(data):\n    return data\n",
    "serve/other.py": "def run(data):\n    return [data]\n",
    "serve-other/score.py": "def run(data):\n    return None\n",
    "data/one.csv": "x,label\n1,0\n",
    "data/two.csv": "x,label\n2,1\n",
    "model/one/model.txt": "one\n",
    "model/two/model.txt": "two\n",
    "build/Dockerfile": "FROM python:3.11-slim\n",
    "build/Other": "FROM python:3.12-slim\n",
    "conda.yml": "name: one\ndependencies: [python=3.11]\n",
    "other.yml": "name: one\ndependencies: [python=3.12]\n",
    "requirements.txt": "six==1.16.0\n",
    "other.txt": "six==1.17.0\n",
}
VARIABLES = {"FIRST_TOKEN": "https://one.example.com/hook", "SECOND_TOKEN": "https://two.example.com/hook"}
BASE: Mapping[str, Any] = {
    "version": 1,
    "name": "changes",
    "cloud": "azure",
    "region": "westeurope",
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "ml"},
    "environments": {"base": {"packages": ["lightgbm==4.6.0"]}},
}


@dataclass(frozen=True)
class Case:
    """``does``: what must happen to resources of the platform below the changed one, "update Compute" with
    "2 " before it for two of them; ``may``: what need not, and harms nothing."""

    name: str
    field: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    does: Counter[str]
    may: Counter[str]
    source: str

    @property
    def kind(self) -> str:
        return self.field.partition(".")[0]

    def wrong(self, happened: Counter[str]) -> str | None:
        """What differs from what the platform would do."""
        missing, extra = self.does - happened, happened - self.does - self.may
        if not missing and not extra:
            return None
        return f"{self.field} ({self.name}): missing {dict(missing)}, too much {dict(extra)}; {self.source}"


@dataclass(frozen=True)
class Table:
    name: str
    surroundings: Mapping[str, Any]
    cases: list[Case]

    def spec(self, *, changed: Iterable[str] = ()) -> dict[str, Any]:
        """The stack, with the cases of these names changed."""
        spec = laid(BASE, self.surroundings)
        for case in self.cases:
            held = laid(case.before, case.after) if case.name in changed else pruned(case.before)
            spec.setdefault(case.kind, {})[case.name] = held
        return spec


def tables() -> list[Table]:
    return [_table(path) for path in sorted(CASES.glob("*.yaml"))]


def _table(path: Path) -> Table:
    read = YAML(typ="safe").load(path)
    return Table(path.stem, read.get("surroundings", {}), _cases(read))


def whole() -> list[Case]:
    """The cases of what a stack has one of; ``after`` is of the whole spec."""
    return _cases(_READ)


def _cases(read: Mapping[str, Any]) -> list[Case]:
    return [
        Case(
            f"c{number:02}",
            row["field"],
            row.get("before", {}),
            row["after"],
            counted(row.get("does", ())),
            counted(row.get("may", ())),
            read["sources"][row["source"]],
        )
        for number, row in enumerate(read["cases"])
    ]


def counted(words: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in words:
        number, _, rest = word.partition(" ")
        found[rest if number.isdigit() else word] += int(number) if number.isdigit() else 1
    return found


def laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Maps merge, null removes, all else replaces: as an overlay is laid over a spec."""
    result = deepcopy(dict(below))
    for key, item in above.items():
        held = result.get(key)
        result[key] = laid(held, item) if isinstance(held, Mapping) and isinstance(item, Mapping) else item
    return pruned(result)


def pruned(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: pruned(item) if isinstance(item, Mapping) else deepcopy(item)
        for key, item in data.items()
        if item is not None
    }


_READ = YAML(typ="safe").load(Path(__file__).parent / "whole.yaml")
#: The stack of those cases: a workspace of its own, with all that belongs to it.
WHOLE = {key: BASE[key] for key in ("version", "name", "cloud", "region")} | _READ["base"]
