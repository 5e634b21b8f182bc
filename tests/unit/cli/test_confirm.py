"""Who has to agree to what, at a terminal and where nobody is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from mlstack_local import Local

from mlstack.cli import confirm
from mlstack.engine.events import Change, Op
from mlstack.errors import AnswerNeeded, UsageError

STACK = "dev-local"


def change(types: str, name: str, op: Op, *, protected: bool = False) -> Change:
    return Change(f"urn:pulumi:{STACK}::digits::{types}::{name}", op, protected=protected)


ENDPOINT = "mlstack:index:Endpoint"
BELOW_ENDPOINT = f"{ENDPOINT}$mlstack:local:Endpoint"
JOB = "mlstack:index:Job"


class Undeclared(Local):
    """A target that does not say what is lost."""

    stateful = None


class Declared(Local):
    stateful = frozenset({"cloud:storage:Account"})


@pytest.mark.parametrize(
    ("types", "op", "protected", "grave"),
    [
        (ENDPOINT, "delete", False, True),
        (ENDPOINT, "create", False, False),
        (ENDPOINT, "same", True, False),
        (BELOW_ENDPOINT, "replace", False, True),
        (BELOW_ENDPOINT, "update", False, False),
        (BELOW_ENDPOINT, "delete", False, False),
        ("mlstack:index:Data", "delete", False, True),
        (JOB, "delete", False, False),
        (JOB, "delete", True, True),
        (f"{JOB}$mlstack:local:Job", "replace", False, False),
        (f"my:index:Team${ENDPOINT}", "delete", False, True),
        ("random:index:RandomId", "delete", False, False),
        ("random:index:RandomId", "replace", True, True),
    ],
)
def test_what_is_grave(types: str, op: Op, protected: bool, grave: bool) -> None:
    seen = [change(types, "digits", op, protected=protected)]
    assert confirm.grave(seen, Undeclared()) == (seen if grave else [])


STORE = "mlstack:index:Workspace$cloud:storage:Account"
VERSION = "mlstack:index:Data$cloud:ml:DataVersion"


@pytest.mark.parametrize(
    ("types", "op", "grave"),
    [
        (STORE, "replace", True),
        (STORE, "delete", True),
        (STORE, "update", False),
        (VERSION, "replace", False),
    ],
)
def test_what_a_target_says_is_lost(types: str, op: Op, grave: bool) -> None:
    seen = [change(types, "digits", op)]
    assert confirm.grave(seen, Declared()) == (seen if grave else [])


def test_what_goes_with_its_component_is_named_once() -> None:
    seen = [change("mlstack:index:Workspace", "default", "delete"), change(STORE, "default-store", "delete")]
    assert confirm.grave(seen, Declared()) == seen[:1]


def test_confirm_must_name_the_stack() -> None:
    confirm.check(None, STACK)
    confirm.check(STACK, STACK)
    with pytest.raises(UsageError) as raised:
        confirm.check("prod", STACK)
    assert STACK in str(raised.value.remedy)


def test_where_nobody_is_there_only_confirm_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/null").open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        with pytest.raises(AnswerNeeded) as raised:
            confirm.agree_to_loss(["endpoints.digits"], stack=STACK, confirm=None, command="up")
        assert f"--confirm {STACK}" in str(raised.value.remedy)
        assert "endpoints.digits" in raised.value.message
        confirm.agree_to_loss(["endpoints.digits"], stack=STACK, confirm=STACK, command="up")
        confirm.agree_to_loss([], stack=STACK, confirm=None, command="up")


ASK = """
from mlstack.cli.confirm import agree_to_loss
agree_to_loss(["endpoints.digits"], stack="dev-local", confirm=None, command="up")
print("went on")
"""


@pytest.mark.parametrize(
    ("answer", "goes_on"), [("dev-local", True), ("dev", False), ("y", False), ("", False)]
)
def test_at_a_terminal_the_name_has_to_be_typed(at_terminal: Any, answer: str, goes_on: bool) -> None:
    code, shown = at_terminal([sys.executable, "-c", ASK], ("to go on: ", answer))
    assert "endpoints.digits" in shown
    assert ("went on" in shown) is goes_on
    assert (code == 0) is goes_on
    assert ("nothing was changed" in shown) is not goes_on


def test_what_a_state_protects() -> None:
    assert confirm.protected([{"urn": "a", "protect": True}, {"urn": "b"}]) == ["a"]
