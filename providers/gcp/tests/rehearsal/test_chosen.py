"""What Google has named itself is found again by what it was made with."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation

from mlstack import door as doors
from mlstack.registry import provider

from .estate import ESTATE, PROJECT

CHOSEN = (
    "monitoring/notificationChannel:NotificationChannel",
    "monitoring/alertPolicy:AlertPolicy",
    "billing/budget:Budget",
    "secretmanager/secretVersion:SecretVersion",
)


def _identified(token: str, inputs: dict[str, Any], ids: list[str]) -> str | None:
    account = {"GOOGLE_PROJECT": PROJECT}
    return provider("gcp").identify(f"gcp:{token}", inputs, account, ids)


@pytest.mark.parametrize("token", CHOSEN)
def test_what_is_there_is_found_and_what_is_not_known_comes_first(
    estate: GcpEmulation, door: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(doors.VARIABLE, door)
    first = _identified(token, ESTATE[token], [])
    assert first is not None
    assert estate.read(f"gcp:{token}", first, ESTATE[token]) is not None
    second = estate.create(f"gcp:{token}", ESTATE[token]).id
    assert _identified(token, ESTATE[token], [first]) == second
    assert _identified(token, ESTATE[token], [second]) == first


@pytest.mark.parametrize("token", CHOSEN)
def test_another_name_or_place_is_not_found(door: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(doors.VARIABLE, door)
    secret = f"projects/{PROJECT}/secrets/none"
    elsewhere = {"displayName": "none has it", "billingAccount": "1", "secret": secret}
    assert _identified(token, elsewhere, []) is None
