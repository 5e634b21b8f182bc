"""A table of changes: what each leads to on a platform, as its own documents and its Pulumi package say.

A file of a target's ``cases/`` is one stack. Every case has a resource of its own in it, as it is ``before``,
and all are changed at once: what happens to a resource's own parts is then the change's doing.
``surroundings`` are what they refer to, and change in no case. A file of what a stack has one of has a
``base``, and each of its cases is changed alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """``does``: what must happen to resources of the platform below the changed one, "update Compute" with
    "2 " before it for two of them; ``may``: what need not, and harms nothing. ``applied``: of the whole,
    whether a preview is not enough: what comes in place of the old may find its name taken."""

    name: str
    field: str
    before: Spec
    after: Spec
    does: Counter[str]
    may: Counter[str]
    source: str
    applied: bool

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
    """``base`` is what every stack of the target has."""

    name: str
    base: Spec
    surroundings: Spec
    cases: list[Case]

    def spec(self, *, changed: Iterable[str] = ()) -> dict[str, Any]:
        """The stack, with the cases of these names changed."""
        spec = laid(self.base, self.surroundings)
        for case in self.cases:
            held = laid(case.before, case.after) if case.name in changed else pruned(case.before)
            spec.setdefault(case.kind, {})[case.name] = held
        return spec


@dataclass(frozen=True)
class Changes:
    """All that a cloud's folder has: the tables in ``cases/``, and ``whole.yaml``.

    ``base`` is what every stack of ``cases/`` has beside its region; they use a workspace that is there,
    where the whole's has one of its own. ``left_out``: fields that are built and that no case changes, with
    the reason. ``ours``: types of mlstack's own that do not count, as what they do shows on the platform.
    """

    cloud: str
    folder: Path
    region: str
    base: Mapping[str, Any]
    left_out: Mapping[str, str]
    ours: tuple[str, ...] = ("Upload", "Job")

    @cached_property
    def tables(self) -> list[Table]:
        base = {**self._place, **self.base}
        return [_table(path, base) for path in sorted((self.folder / "cases").glob("*.yaml"))]

    @cached_property
    def whole(self) -> Table:
        """The cases of what a stack has one of; their ``after`` is of the whole spec."""
        read = YAML(typ="safe").load(self.folder / "whole.yaml")
        return Table("whole", {**self._place, **read["base"]}, {}, _cases(read))

    @property
    def _place(self) -> dict[str, Any]:
        return {"version": 1, "name": "changes", "cloud": self.cloud, "region": self.region}


def _table(path: Path, base: Spec) -> Table:
    read = YAML(typ="safe").load(path)
    return Table(path.stem, base, read.get("surroundings", {}), _cases(read))


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
            row.get("applied", False),
        )
        for number, row in enumerate(read["cases"])
    ]


def counted(words: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in words:
        number, _, rest = word.partition(" ")
        found[rest if number.isdigit() else word] += int(number) if number.isdigit() else 1
    return found


def laid(below: Spec, above: Spec) -> dict[str, Any]:
    """Maps merge, null removes, all else replaces: as an overlay is laid over a spec."""
    result = deepcopy(dict(below))
    for key, item in above.items():
        held = result.get(key)
        result[key] = laid(held, item) if isinstance(held, Mapping) and isinstance(item, Mapping) else item
    return pruned(result)


def pruned(data: Spec) -> dict[str, Any]:
    return {
        key: pruned(item) if isinstance(item, Mapping) else deepcopy(item)
        for key, item in data.items()
        if item is not None
    }
