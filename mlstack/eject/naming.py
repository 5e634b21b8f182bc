"""Variables for the resources of a program: a component's is its path in the spec (`endpoints_digits`)."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable

from mlstack.engine.urn import Urn

_TAKEN = frozenset({"pulumi", "os", "config", "GapResource", *keyword.kwlist})


def variables(resources: Iterable[tuple[str, bool]], taken: Iterable[str]) -> dict[str, str]:
    """A variable for each URN, of which is said whether it is a provider resource: that has the resource's
    name, with its type where others have that name too."""
    each = [(urn, Urn.parse(urn), custom) for urn, custom in resources]
    count = Counter(words(parsed.name) for _, parsed, custom in each if custom)
    used, found = {*_TAKEN, *taken}, {}
    for urn, parsed, custom in each:
        own, type = words(parsed.name), words(parsed.type.rpartition(":")[2])
        if not custom and parsed.is_component and parsed.kind:
            name = parsed.kind if own == "default" else f"{parsed.kind}_{own}"
        else:
            name = own if custom and count[own] == 1 else f"{own}_{type}"
        found[urn] = unused(name, used)
    return found


def unused(name: str, used: set[str]) -> str:
    """The name, with a number where it is in use; it is, from now on."""
    name = name if name.isidentifier() else f"_{name}"
    numbered = (f"{name}_{number}" for number in range(2, len(used) + 3))
    found = name if name not in used else next(each for each in numbered if each not in used)
    used.add(found)
    return found


def words(name: str) -> str:
    """A name as a part of a variable's."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", parted).lower()
