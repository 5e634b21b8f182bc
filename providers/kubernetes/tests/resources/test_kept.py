"""Values that the stack keeps."""

from __future__ import annotations

from pathlib import Path

from mlstack_kubernetes.resources.kept import Kept, KeptInputs
from mlstack_kubernetes.resources.key import Key, KeyInputs

from mlstack.resource import UNKNOWN, Context

HERE = Context(Path(), "urn", "name")


def given(mark: str, **value: object) -> KeptInputs:
    return KeptInputs(stack_uid="c0ffee00", name="train", mark=mark, value=value)


def test_a_value_stays_until_its_mark_changes() -> None:
    state = Kept().create(HERE, given("one", memory="1Gi"))
    assert state.outputs == {"held": {"memory": "1Gi"}}
    assert Kept().update(HERE, state, given("one", memory="2Gi")) == {"held": {"memory": "1Gi"}}
    assert Kept().update(HERE, state, given("two", memory="2Gi")) == {"held": {"memory": "2Gi"}}


def test_a_preview_tells_what_an_apply_will_hold() -> None:
    state = Kept().create(HERE, given("one", memory="1Gi"))
    same, other = (given(mark, memory="2Gi").model_dump() for mark in ("one", "two"))
    assert Kept().preview(HERE, same, state) == {"held": {"memory": "1Gi"}}
    assert Kept().preview(HERE, other, state) == {"held": {"memory": "2Gi"}}
    assert Kept().preview(HERE, {**other, "mark": UNKNOWN}, state) == {"held": UNKNOWN}


def test_a_key_is_made_once_and_nobody_elses() -> None:
    inputs = KeyInputs(stack_uid="c0ffee00", name="digits")
    one, other = Key().create(HERE, inputs), Key().create(HERE, inputs)
    assert one.outputs["key"] != other.outputs["key"]
    assert len(one.outputs["key"]) >= 32
    assert Key().update(HERE, one, inputs) == one.outputs
    assert Key.secret_outputs == {"key"}
