"""Changes under a constant rate of requests, of which none may fail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.traffic import Traffic

pytestmark = pytest.mark.drawn

SLOW = """
import os, time

def run(data):
    time.sleep(float(os.environ.get("TAKES", "0")))
    return [os.environ.get("SAID", "old") for _ in data]
"""


def said(load: Any) -> dict[str, int]:
    return {json.loads(body)["predictions"][0]: count for body, count in load.bodies.items()}


def test_traffic_moves_and_is_split_as_it_should(world: Any) -> None:
    endpoint = world.endpoint()
    world.deployment("blue")
    world.deployment("green")
    world.traffic(blue=100)
    with world.steady(endpoint) as load:
        load.wait(40)
        assert load.of("green") == 0
        world.traffic(blue=50, green=50)
        before = load.of("blue"), load.of("green")
        load.wait(200)
        blue, green = load.of("blue") - before[0], load.of("green") - before[1]
        world.traffic(green=100)
        load.wait(50)
        settled = load.of("blue")
        load.wait(40)
        assert load.of("blue") == settled
    assert load.failed == {}
    assert abs(green / (blue + green) - 0.5) < 0.03


@pytest.mark.parametrize(
    "change",
    [
        "code",
        "variables",
        pytest.param("environment", marks=pytest.mark.soak),
        pytest.param("model", marks=pytest.mark.soak),
    ],
)
def test_what_a_worker_is_made_of_changes(world: Any, cache: Any, change: str) -> None:
    endpoint, deployment, _ = world.whole(code=world.code(SLOW), env={"TAKES": "0.05"})
    changed: dict[str, Any] = {"code": world.code(SLOW), "env": {"TAKES": "0.05"}}
    if change == "code":
        changed["code"] = world.code(SLOW.replace('"old"', '"new"'))
    elif change == "environment":
        other = cache / "environments" / "other"
        if not other.exists():
            other.symlink_to(cache / "environments" / "dev")
        changed["environment"] = "sk@other"
    elif change == "model":
        changed["model"] = world.MODEL
    else:
        changed["env"] = {"TAKES": "0.05", "SAID": "new"}
    before = world.pids("digits.blue.")
    with world.steady(endpoint) as load:
        load.wait(40)
        world.update(deployment, **changed)
        load.wait(40)
    assert load.failed == {}
    assert not before.keys() & world.pids("digits.blue.").keys()
    assert set(said(load)) == ({"old", "new"} if change in {"code", "variables"} else {"old"})


def test_a_version_of_the_model_takes_over_from_another(world: Any) -> None:
    endpoint, deployment, _ = world.whole(model=world.MODEL)
    body = json.dumps({"instances": (world.digits[:1] / 16).tolist()}).encode()
    with world.steady(endpoint, 40, body) as load:
        load.wait(40)
        world.update(deployment, model={**world.MODEL, "version": "2"})
        load.wait(40)
    assert load.failed == {}


def test_replicas_come_and_go(world: Any) -> None:
    made = {"code": world.code(SLOW), "env": {"TAKES": "0.05"}}
    endpoint, deployment, _ = world.whole(**made)
    with world.steady(endpoint) as load:
        load.wait(30)
        three = world.update(deployment, **made, replicas=3)
        assert len(three.outputs["workers"]) == 3
        load.wait(40)
        one = world.update(three, **made, replicas=1)
        assert one.outputs == deployment.outputs
        load.wait(30)
    assert load.failed == {}


def test_one_deployment_takes_the_place_of_another(world: Any) -> None:
    """The order in which the engine does it: the new one, the traffic, and the old one last."""
    endpoint, blue, _ = world.whole(code=world.code(SLOW), env={"TAKES": "0.05"})
    with world.steady(endpoint) as load:
        load.wait(30)
        world.deployment("green", code=world.code(SLOW), env={"TAKES": "0.05"})
        world.traffic(green=100)
        Deployment().delete(world.context, blue)
        load.wait(30)
    assert load.failed == {}
    assert load.of("green") > 0
    assert world.pids("digits.blue.") == {}


def test_one_that_still_has_traffic_may_go(world: Any) -> None:
    endpoint = world.endpoint()
    blue = world.deployment("blue", code=world.code(SLOW), env={"TAKES": "0.05"})
    world.deployment("green", code=world.code(SLOW), env={"TAKES": "0.05"})
    traffic = world.traffic(blue=50, green=50)
    with world.steady(endpoint) as load:
        load.wait(30)
        Deployment().delete(world.context, blue)
        load.wait(30)
    assert load.failed == {}
    seen = Traffic().read(world.context, traffic)
    assert seen
    assert seen.inputs["weights"] == {"blue": 50, "green": 50}


def test_a_request_that_takes_longer_than_the_grace_of_a_stop_is_answered(world: Any) -> None:
    """The gateway waits for it before the worker is told to end."""
    made = {"code": world.code(SLOW), "env": {"TAKES": "12"}, "timeout_seconds": 60}
    endpoint, deployment, _ = world.whole(**made)
    with world.steady(endpoint, 2) as load:
        while not load.in_flight:
            pass
        world.update(deployment, **{**made, "env": {"TAKES": "0", "SAID": "new"}})
        load.wait(4)
    assert load.failed == {}
    assert set(said(load)) == {"old", "new"}


def test_workers_that_another_version_of_mlstack_declared_are_replaced_not_restarted(world: Any) -> None:
    endpoint, deployment, _ = world.whole(code=world.code(SLOW), env={"TAKES": "0.05"})
    (old,) = world.supervisor.programs("digits.blue.").values()
    world.supervisor.apply([replace(old, argv=(*old.argv, "--queue", "100"))])
    until_ready(endpoint, world)
    with world.steady(endpoint) as load:
        load.wait(30)
        world.update(deployment, code=world.code(SLOW), env={"TAKES": "0.05"})
        load.wait(30)
    assert load.failed == {}
    (new,) = world.supervisor.programs("digits.blue.").values()
    assert "--queue" not in new.argv
    assert new.name != old.name


def until_ready(endpoint: Any, world: Any) -> None:
    while world.ask(endpoint).status_code != 200:
        pass
