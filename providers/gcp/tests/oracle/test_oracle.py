"""What the cloud holds once a spec is up is, field by field, what Google's reference says it has to be."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import pytest

from mlstack.testing.cases import find
from tests.changes.fields import built, missing
from tests.oracle.compare import Table

from .allowances import ALLOWANCES
from .cases import Case, Stack, stacks
from .coverage import OUTSIDE, covered
from .judge import Stacks, compared
from .mutations import UNSEEN, drops, judged, judged_again, key, noticed

ALL = stacks()
CASES = [(stack, case) for stack in ALL for case in stack.cases]
#: Case -> what it waits for: its test is expected to fail, strictly.
PENDING: dict[str, str] = {}
#: Properties are dropped in as many tests, of which a run has some.
PARTS = 8
#: Type that no case judges -> why.
UNJUDGED = {"gcp:projects/serviceIdentity:ServiceIdentity": "it is looked up: Google makes it, as it is"}


@pytest.fixture(scope="module")
def up() -> Iterator[Stacks]:
    open = Stacks()
    yield open
    open.close()


@pytest.mark.parametrize(
    ("stack", "case"),
    [
        pytest.param(
            stack,
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=PENDING[case.name], strict=True)] if case.name in PENDING else [],
        )
        for stack, case in CASES
    ],
)
def test_the_documents_are_as_the_reference_has_them(stack: Stack, case: Case, up: Stacks) -> None:
    table, held = Table(ALLOWANCES), up.held(stack)
    found = [
        f"{each.word} {each.of}: {one}" for each in case.expected for one in compared(held, case, each, table)
    ]
    assert not found, "\n".join(["", *found])


def test_there_are_enough_cases() -> None:
    names = [case.name for _, case in CASES]
    assert len(names) >= 40
    assert len(set(names)) == len(names)


def test_every_allowance_is_needed(up: Stacks) -> None:
    table = Table(ALLOWANCES)
    for stack, case in CASES:
        for each in case.expected:
            compared(up.held(stack), case, each, table)
    unused = [one for one in ALLOWANCES if one not in table.needed]
    assert not unused, "\n".join(f"{one.kind} {one.path}: {one.why}" for one in unused)


def test_every_type_is_judged(up: Stacks) -> None:
    made = {each.type for stack in ALL for each in up.held(stack).recording.children()}
    seen = {
        up.held(stack).resource(each.word, each.of).type for stack, case in CASES for each in case.expected
    }
    assert made - seen == set(UNJUDGED)


def test_every_field_that_is_built_is_covered() -> None:
    assert missing("gcp", covered(), OUTSIDE) == set()
    assert {path for path in OUTSIDE if find(path) is None or path not in built("gcp")} == set()


def test_what_is_made_again_is_judged_as_before(up: Stacks) -> None:
    """On a cloud whose usual region is another: what drops properties starts from here."""
    for one in judged(ALL):
        stack, case, expected = one
        held = up.held(stack)
        inputs = held.resource(expected.word, expected.of).inputs
        if case.name not in PENDING:
            assert judged_again(held, one, inputs) == [], (case.name, expected.word, expected.of)


@pytest.mark.drawn(of=PARTS)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_line_of_a_mapping_can_be_dropped(part: int, up: Stacks) -> None:
    """Without any one property that builders send, what is made is refused or judged to be another."""
    all = [one for one in judged(ALL) if one[1].name not in PENDING]
    found = {line: at for line, at in drops(all, up).items() if _part(*key(line)) == part}
    unseen = {key(line) for line, at in found.items() if not noticed(at, all, up)}
    print(f"{len(found)} properties of {len({line.type for line in found})} types, {len(unseen)} unseen")
    approved = {one for one in UNSEEN if _part(*one) == part}
    assert sorted(unseen - approved) == []
    assert sorted(approved - unseen) == [], "approved, and seen"


def _part(type: str, path: str) -> int:
    return crc32(f"{type} {path}".encode()) % PARTS
