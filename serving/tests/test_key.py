"""A server that is given a key answers those alone who show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROWS = {"instances": [[0.5] * 64]}


@pytest.fixture
def guarded(launch: Any, digits: Any, tmp_path: Path) -> Any:
    file = tmp_path / "key"
    file.write_text("a-key-of-this-test\n")
    return launch("--model", str(digits[0]), "--key-file", str(file)).wait_ready()


@pytest.mark.parametrize(
    "shown", [None, "Bearer another", "Bearer ", "Basic a-key-of-this-test", "a-key-of-this-test"]
)
def test_who_shows_no_key_or_another_gets_no_answer(guarded: Any, shown: str | None) -> None:
    headers = {} if shown is None else {"authorization": shown}
    for route in ("/predict", "/v2/models/model/infer"):
        refused = guarded.post(route, json=ROWS, headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert "predictions" not in refused.text
    assert guarded.get("/v2/models/model", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_who_shows_the_key_is_answered(guarded: Any, scheme: str) -> None:
    answered = guarded.post("/predict", json=ROWS, headers={"authorization": f"{scheme} a-key-of-this-test"})
    assert answered.status_code == 200
    assert len(answered.json()["predictions"]) == 1


@pytest.mark.parametrize("route", ["/v2/health/live", "/v2/health/ready", "/metrics"])
def test_how_it_fares_may_be_asked_without(guarded: Any, route: str) -> None:
    assert guarded.get(route).status_code == 200


@pytest.mark.parametrize("text", [None, " \n"])
def test_a_key_that_is_not_there_is_no_open_door(
    launch: Any, digits: Any, tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "key"
    if text is not None:
        file.write_text(text)
    server = launch("--model", str(digits[0]), "--key-file", str(file))
    server.wait_for_log("--key-file")
    assert server.process.wait(60) == 2
