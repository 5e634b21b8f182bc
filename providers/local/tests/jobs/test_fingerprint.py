from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.jobs import JobInputs

BASE: dict[str, Any] = {
    "stack_uid": "uid",
    "name": "train",
    "command": "python train.py",
    "code": {"path": "src", "digest": "aa"},
    "environment": "sk@111",
    "inputs": {"data": {"uri": "data/x.csv", "version": "v1"}, "c": {"value": "1.0"}},
    "outputs": {"model": {"type": "folder"}},
    "env": {"A": "1"},
    "secrets": {"T": {"name": "t", "hash": "h"}},
}


def fingerprint(**changes: Any) -> str:
    return JobInputs.model_validate({**BASE, **changes}).fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"command": "python train.py "},
        {"code": {"path": "src", "digest": "ab"}},
        {"code": None},
        {"environment": "sk@112"},
        {"inputs": {**BASE["inputs"], "c": {"value": "1"}}},
        {"inputs": {**BASE["inputs"], "data": {"uri": "data/x.csv", "version": "v2"}}},
        {"inputs": {**BASE["inputs"], "data": {"value": "v1"}}},
        {"outputs": {"model": {"type": "file"}}},
        {"outputs": {}},
        {"env": {}},
        {"nodes": 2},
        {"processes": 2},
        {"nonce": "now"},
    ],
    ids=str,
)
def test_it_runs_again_for(changes: dict[str, Any]) -> None:
    assert fingerprint(**changes) != fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"timeout_seconds": 5},
        {"retries": 3},
        {"wait": False},
        {"secrets": {"T": {"name": "t", "hash": "other"}}},
        {"code": {"path": "moved", "digest": "aa"}},
        {"environment": "renamed@111"},
        {"inputs": {"c": {"value": "1.0"}, "data": {"uri": "elsewhere.csv", "version": "v1"}}},
    ],
    ids=str,
)
def test_it_does_not_run_again_for(changes: dict[str, Any]) -> None:
    assert fingerprint(**changes) == fingerprint()


@given(st.dictionaries(st.text(), st.text()), st.randoms())
def test_the_order_does_not_count_and_the_wire_changes_nothing(env: dict[str, str], random: Any) -> None:
    shuffled = list(env.items())
    random.shuffle(shuffled)
    assert fingerprint(env=dict(shuffled)) == fingerprint(env=env)
    assert fingerprint(env=json.loads(json.dumps(env))) == fingerprint(env=env)


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
)
def test_different_variables_are_different_runs(one: dict[str, str], two: dict[str, str]) -> None:
    assert (fingerprint(env=one) == fingerprint(env=two)) == (one == two)
