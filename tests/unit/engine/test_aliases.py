"""Which aliases reach the engine: none that an SDK generated, but for those that the state needs."""

from __future__ import annotations

import pulumi
import pytest

from mlstack.engine.aliases import VARIABLE, needed, strips, types_in

OLD = "cloud:ml/v20230401:Endpoint"
NEWER = "cloud:ml/v20240401:Endpoint"
STATE = f'{{"resources": [{{"urn": "x", "type": "{OLD}"}}, {{"type":"cloud:ml:Other"}}]}}'


OWN = pulumi.Alias(name="before")
MOVED = pulumi.Alias(type_=OLD, parent="urn:pulumi:dev::p::t::n")
GENERATED = [pulumi.Alias(type_=OLD), pulumi.Alias(type_=NEWER)]


def test_types_of_a_state_are_found() -> None:
    assert types_in(STATE) == {OLD, "cloud:ml:Other"}
    assert types_in("") == frozenset()


def test_generated_aliases_are_left_out_and_the_users_own_stay() -> None:
    assert needed([OWN, *GENERATED, MOVED, "urn:pulumi:x"], types_in("")) == [OWN, MOVED, "urn:pulumi:x"]


def test_an_alias_to_a_type_in_the_state_stays() -> None:
    assert needed([OWN, *GENERATED], types_in(STATE)) == [OWN, GENERATED[0]]


def test_all_are_sent_when_environment_or_config_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert strips()
    with monkeypatch.context() as patched:
        patched.setenv(VARIABLE, "1")
        assert not strips()
    pulumi.runtime.set_all_config({"mlstack:aliases": "keep"})
    try:
        assert not strips()
    finally:
        pulumi.runtime.set_all_config({})
