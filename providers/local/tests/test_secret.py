from __future__ import annotations

import json
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlstack_local import secrets
from mlstack_local.layout import Layout
from mlstack_local.resources.secret import Secret, SecretInputs

from mlstack.lowering.values import salted
from mlstack.resource import Context, ResourceFailed, State

CANARY = "c4n4ry välue\r\n"


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch) -> SecretInputs:
    monkeypatch.setenv("HF_TOKEN", CANARY)
    return SecretInputs(stack_uid="uid", name="token", env="HF_TOKEN", hash=salted("uid", "token", CANARY))


def test_the_value_is_in_one_file_that_only_its_owner_reads(
    context: Context, wanted: SecretInputs, lines: list[str]
) -> None:
    made = Secret().create(context, wanted)
    layout = Layout(context.root, "uid")
    path = secrets.path(layout, "token")
    assert secrets.read(layout, "token") == CANARY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "c4n4ry" not in json.dumps([made.inputs, made.outputs, lines])

    Secret().delete(context, made)
    Secret().delete(context, made)
    assert not layout.home.exists()


def test_a_new_value_is_written_and_a_changed_file_seen(
    context: Context, wanted: SecretInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Secret().create(context, wanted)
    assert Secret().read(context, made) == made
    assert Secret().find(context, wanted.model_dump()) == made

    layout = Layout(context.root, "uid")
    secrets.write(layout, "token", "tampered")
    seen = Secret().read(context, made)
    assert seen is not None
    assert seen.inputs["hash"] != wanted.hash

    monkeypatch.setenv("HF_TOKEN", "new")
    new = wanted.model_copy(update={"hash": salted("uid", "token", "new")})
    Secret().update(context, made, new)
    assert secrets.read(layout, "token") == "new"


def test_a_lost_file_is_gone(context: Context, wanted: SecretInputs) -> None:
    made = Secret().create(context, wanted)
    secrets.path(Layout(context.root, "uid"), "token").unlink()
    assert Secret().read(context, made) is None
    assert Secret().read(context, State(made.id, {}, {})) is None


@pytest.mark.parametrize("value", [None, "another"])
def test_a_variable_that_is_not_as_the_program_saw_it(
    context: Context, wanted: SecretInputs, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("HF_TOKEN")
    else:
        monkeypatch.setenv("HF_TOKEN", value)
    with pytest.raises(ResourceFailed, match="the variable HF_TOKEN is not what it was") as caught:
        Secret().create(context, wanted)
    assert "another" not in str(caught.value.message)


@settings(max_examples=5, deadline=None)
@given(value=st.text(), other=st.text())
def test_the_hash_tells_values_stacks_and_names_apart(value: str, other: str) -> None:
    told = salted("uid", "token", value)
    assert (salted("uid", "token", other) == told) == (other == value)
    assert salted("uid2", "token", value) != told
    assert salted("uid", "token2", value) != told
    assert len(told) == 12
