"""The pages of support: what each installed target does with each field, found by trying it.

Every field is put, alone, into a small stack, and that stack through the target's own checks and builders,
as the conformance suite does. So the pages say what the code does.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from mlstack.provider import Provider
from mlstack.registry import installed, provider
from mlstack.spec import KINDS
from mlstack.spec.load import load
from mlstack.support import places
from mlstack.testing import Built, build
from mlstack.testing.accounts import concerns
from mlstack.testing.cases import Case, case, way, whole
from mlstack.testing.fields import SpecField, fields, stack_fields
from mlstack.testing.passing import block_for
from mlstack.tokens import token

from .markdown import code, table

ROOT = Path(__file__).parent.parent.parent

#: Specs that tests bring up for real, by target.
LIVE = {
    "local": tuple(
        f"examples/{name}/mlstack.yaml" for name in ("digits", "batch", "blue-green", "kitchen-sink")
    )
}

OVERVIEW = """# Who supports what

Each target has a page: {targets}.

There each field was put into a small stack, and the stack through the target's checks and builders:

- **yes**: it becomes part of what the target makes;
- **warned**: it has no effect there, does no harm, and every preview says so;
- **no input**: it acts elsewhere, or has no meaning there, as the note says;
- **refused**: an error before anything is made, with the note as what to do instead.

*Verified by*: **live** means that tests bring up a spec with this field for real and ask what it made;
**outside oracle** that what is sent for it equals, field by field, what the cloud's own client sends (Azure
ML), or that what the emulated cloud holds of it, read by the cloud's own client and messages, is what its
case says (AWS, Google Cloud: written from the cloud's reference, on AWS in part after a look at what was
held); **own rule** that the conformance suite sees the field arrive in the inputs of a resource, or be
refused. (Most of the latter on the local target also have a test with real processes; the page counts only
what it can find by itself.)
"""


class Support(NamedTuple):
    answer: str
    note: str = ""


def overview() -> str:
    return OVERVIEW.format(targets=", ".join(f"[{name}](support/{name}.md)" for name in sorted(installed())))


def counts(target: Provider) -> dict[str, int]:
    """How many fields there are, and what becomes of them. A kind that is refused counts with its fields."""
    every = [*stack_fields(), *(field for kind in KINDS for field in fields(kind))]
    answers = Counter(support(target, field).answer for field in every)
    named = {"built": "yes", "warned": "warned", "no input": "no input", "refused": "refused"}
    return {"fields": len(every), **{key: answers[answer] for key, answer in named.items()}}


def page(name: str) -> str:
    target = provider(name)
    found = counts(target)
    said = ", ".join(f"{count} {word}" for word, count in found.items() if word != "fields")
    parts = [
        f"# What {name} supports\n\n{found['fields']} fields: {said}. "
        "[Who supports what](../support.md) says what the words mean.\n"
    ]
    live = set(_live(target))
    compared = set(_compared(target))
    for kind in ("", *KINDS):
        parts.append(f"## {kind or 'the stack itself'}\n")
        if kind in target.unsupported:
            parts.append(f"**refused**: {target.unsupported[kind]}\n")
            continue
        held = fields(kind) if kind else stack_fields()
        rows = [_row(target, field, live, compared) for field in held]
        parts.append(table(("Field", "", "Verified by", "Note"), rows))
    return "\n".join(parts)


def _row(target: Provider, field: SpecField, live: set[str], compared: set[str]) -> tuple[str, str, str, str]:
    found = support(target, field)
    path = str(field) if len(field.path) == 1 else ".".join(field.path[1:])
    verified = "own rule"
    if found.answer == "yes":
        verified = "live" if str(field) in live else "outside oracle" if str(field) in compared else verified
    return code(path), found.answer, verified, found.note


@cache
def support(target: Provider, field: SpecField) -> Support:
    """What the target does with the field."""
    for end in range(1, len(field.path) + 1):
        above = ".".join(field.path[:end])
        if above in target.unsupported:
            return Support("refused", target.unsupported[above])
        if above in target.no_input:
            return Support("no input", target.no_input[above])
    values = [
        f"`{path.partition('=')[2]}` is refused: {reason}"
        for path, reason in target.unsupported.items()
        if path.partition("=")[0] == str(field) and "=" in path
    ]
    if values:
        return Support("yes", "; ".join(values))
    if field.name == "native" and target.native:
        return _native(target, field.path[0])
    with tempfile.TemporaryDirectory() as folder:
        tried = case(target, field)
        return _tried(target, tried, build(target, tried.given, Path(folder)))


def _native(target: Provider, kind: str) -> Support:
    with tempfile.TemporaryDirectory() as folder:
        made = build(target, whole(target, kind), Path(folder)).recording
    owners = [each for each in made.components() if each.type == token(kind)]
    if any(block_for(child, owner.name) for owner in owners for child in made.below(owner)):
        return Support("yes")
    return Support("refused", "what is made of it is mlstack's own, with nothing to pass through")


def _tried(target: Provider, tried: Case, built: Built) -> Support:
    place = ".".join(tried.place)
    for gap in built.gaps:
        if _meet(gap.path, place):
            return Support("refused", gap.remedy or gap.message)
    for warned in built.recording.warnings:
        if concerns(warned, tried):
            return Support("warned", warned.message)
    declared = way(target, tried.field, tried.value)
    return Support("yes", declared.when if declared is not None else "")


def _meet(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _live(target: Provider) -> Iterator[str]:
    """The fields that the specs use which tests bring up."""
    every = [*stack_fields(), *(field for kind in KINDS for field in fields(kind))]
    for file in LIVE.get(target.name, ()):
        stack = load(ROOT / file, stack=f"dev-{target.name}")
        yield from (str(field) for field in every if any(places(stack, list(field.path))))


def _compared(target: Provider) -> Iterator[str]:
    """The fields that the cases of the target's oracle give, where it has one."""
    folder = f"providers/{target.name}/tests/oracle"
    if not (ROOT / folder / "coverage.py").is_file():
        return
    sys.path.append(str(ROOT))
    oracle = folder.replace("/", ".")
    coverage = import_module(f"{oracle}.coverage")
    for path in coverage.covered():
        if not any(f"{path}.".startswith(f"{other}.") for other in coverage.OUTSIDE):
            yield path
