"""Judge a case: what the account holds beside what the case says that it must."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.oracle.compare import ABSENT, Difference, Table, differences, leaves

from .cases import Case
from .read import Things


def compared(case: Case, made: Things, table: Table) -> list[str]:
    """What differs and is not allowed."""
    found = [f"{at}: nobody says that it is made" for at in made.keys() - case.holds.keys()]
    found += [f"{at}: is not there" for at in case.holds.keys() - made.keys()]
    for at in sorted(made.keys() & case.holds.keys()):
        kind = " ".join(at.split(" ")[:2])
        found += [
            f"{at}: {each}"
            for each in table.remaining(case.name, kind, differences(made[at], case.holds[at]))
        ]
    return sorted(found)


def shows(case: Case, table: Table, at: str, found: Difference) -> bool:
    """Whether the case fails with a value that the account would hold: ``ours`` at an address."""
    if at not in case.holds:
        return found.ours != ABSENT
    wanted = leaves(case.holds[at]).get(found.path, ABSENT)
    if wanted == found.ours:
        return False
    kind = " ".join(at.split(" ")[:2])
    return bool(table.remaining(case.name, kind, iter([Difference(found.path, found.ours, wanted)])))


def changes(before: Things, after: Things) -> Iterator[tuple[str, Difference]]:
    """Where two states of the account differ: as it would be is ours, as it is theirs."""
    for at in sorted({*before, *after}):
        one: Mapping[str, Any] = after.get(at, {})
        for each in differences(one, before.get(at, {})):
            yield at, each
