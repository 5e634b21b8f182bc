"""Workers that come and go with the requests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from mlstack_local.gateway import config as configs
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs

from mlstack.resource import State

pytestmark = pytest.mark.drawn

Until = Callable[..., None]


def listed(world: Any, name: str = "blue") -> int:
    config = configs.read(world.layout.endpoint("digits"))
    assert config
    return len(config.deployments[name].workers)


def decisions(world: Any) -> list[str]:
    """The controller's log without the times."""
    lines = world.supervisor.log("digits.controller").read_text().splitlines()
    return [line.partition(": ")[2].partition(" (")[0] for line in lines]


@pytest.fixture
def asleep(world: Any, scaled: dict[str, Any], until: Until) -> tuple[State, State]:
    """A deployment that sleeps, as it is after its first idle time."""
    scaled["replicas"], scaled["scaling"]["idle_seconds"] = 0, 2
    endpoint, deployment, _ = world.whole(**scaled)
    until(lambda: not world.pids("digits.blue."))
    return endpoint, deployment


def test_more_workers_under_load_and_fewer_after_it(world: Any, scaled: dict[str, Any], until: Until) -> None:
    endpoint, deployment, _ = world.whole(**scaled)
    assert deployment.outputs["workers"] == []
    with world.steady(endpoint, 30) as load:
        until(lambda: listed(world) == 3)
        load.wait(60)
        # What the load made of it is no difference to the plan.
        assert Deployment().read(world.context, deployment) == deployment
        assert world.update(deployment, **scaled).outputs == deployment.outputs
        assert listed(world) == 3
    assert load.failed == {}
    with world.steady(endpoint, 2) as load:
        until(lambda: len(world.pids("digits.blue.")) == 1)
        load.wait(4)
    assert load.failed == {}
    assert listed(world) == 1
    first, *_, last = decisions(world)
    assert first.startswith("1 -> ")
    assert last.endswith(" -> 1 workers")


def test_the_requests_of_a_cold_start_are_all_answered(
    world: Any, asleep: tuple[State, State], until: Until
) -> None:
    endpoint, deployment = asleep
    seen = Deployment().read(world.context, deployment)
    assert seen == deployment
    with ThreadPoolExecutor(40) as callers:
        answers = list(callers.map(lambda _: world.ask(endpoint), range(40)))
    assert [answer.status_code for answer in answers] == [200] * 40
    until(lambda: not world.pids("digits.blue."))
    assert listed(world) == 0


def test_a_rollout_starts_with_the_present_number(world: Any, scaled: dict[str, Any], until: Until) -> None:
    endpoint, deployment, _ = world.whole(**scaled)
    with world.steady(endpoint, 30) as load:
        until(lambda: listed(world) == 3)
        changed = {**scaled, "env": {**scaled["env"], "SAID": "new"}}
        world.update(deployment, **changed)
        assert listed(world) == 3
        load.wait(30)
    assert load.failed == {}
    until(lambda: len(world.pids("digits.blue.")) == 1)


def test_a_rollout_of_one_that_sleeps_shows_that_it_serves(
    world: Any, scaled: dict[str, Any], asleep: tuple[State, State], until: Until
) -> None:
    endpoint, deployment = asleep
    changed = {**scaled, "env": {"SAID": "new"}}
    made = world.update(deployment, **changed)
    until(lambda: not world.pids("digits.blue."))
    assert world.ask(endpoint).json() == {"predictions": ["new"]}
    # The same generation again is no reason to wake it.
    until(lambda: not world.pids("digits.blue."))
    world.update(made, **{**changed, "timeout_seconds": 30})
    assert not world.pids("digits.blue.")


def test_a_killed_controller_goes_on_where_it_was(world: Any, scaled: dict[str, Any], until: Until) -> None:
    endpoint, _, _ = world.whole(**scaled)
    with world.steady(endpoint, 30) as load:
        until(lambda: len(world.pids("digits.blue.")) > 1)  # one is being started
        old = world.pids()["digits.controller"]
        os.kill(old, signal.SIGKILL)
        until(lambda: listed(world) == 3)
    assert load.failed == {}
    assert world.pids()["digits.controller"] != old
    until(lambda: len(world.pids("digits.blue.")) == 1)
    assert listed(world) == 1


def test_a_worker_that_is_killed_while_it_starts_comes_up(
    world: Any, scaled: dict[str, Any], until: Until
) -> None:
    scaled["env"]["STARTS"] = "1"
    endpoint, _, _ = world.whole(**scaled)
    first = world.pids("digits.blue.")
    with world.steady(endpoint, 30) as load:
        until(lambda: len(world.pids("digits.blue.")) == 3)
        for name, pid in world.pids("digits.blue.").items():
            if name not in first and pid:
                os.kill(pid, signal.SIGKILL)
        until(lambda: listed(world) == 3)
    assert load.failed == {}


def test_what_a_killed_up_left_is_cleared_away(world: Any, scaled: dict[str, Any], until: Until) -> None:
    world.whole(**scaled)
    (serving,) = world.supervisor.programs("digits.blue.").values()
    left = replace(serving, name="digits.blue.0123456789ab.0", meta={"port": serving.meta["port"] + 1})
    world.supervisor.apply([left])
    until(lambda: set(world.supervisor.programs("digits.blue.")) == {serving.name})
    assert listed(world) == 1


def test_a_controller_that_is_not_there_shows_and_is_started(world: Any, scaled: dict[str, Any]) -> None:
    _, deployment, _ = world.whole(**scaled)
    world.supervisor.apply(remove=["digits.controller"])
    seen = Deployment().read(world.context, deployment)
    assert seen
    assert seen.inputs == {**deployment.inputs, "controlled": False}
    world.update(seen, **scaled)
    assert Deployment().read(world.context, deployment) == deployment


def test_a_controller_of_another_version_is_replaced_with_the_gateway(
    world: Any, scaled: dict[str, Any]
) -> None:
    endpoint, _, _ = world.whole(**scaled)
    program = world.supervisor.programs("digits.controller")["digits.controller"]
    world.supervisor.apply([replace(program, meta={"version": "of before"})])
    inputs = EndpointInputs(stack_uid=world.uid, name="digits", gateway="new")
    assert Endpoint().update(world.context, endpoint, inputs) == endpoint.outputs
    assert world.supervisor.programs("digits.controller")["digits.controller"] == program
    assert "digits.controller" in world.pids()


def test_a_number_instead_of_a_span_ends_the_controller(world: Any, scaled: dict[str, Any]) -> None:
    endpoint, deployment, _ = world.whole(**scaled)
    green = world.deployment("green", **scaled)
    fixed = {"code": scaled["code"], "env": scaled["env"], "replicas": 2}
    made = world.update(deployment, **fixed)
    assert len(made.outputs["workers"]) == 2
    assert "digits.controller" in world.pids()
    Deployment().delete(world.context, green)
    assert set(world.pids("digits.blue.")) == {
        f"digits.blue.{made.outputs['generation']}.{n}" for n in (0, 1)
    }
    assert "digits.controller" not in world.pids()
    Endpoint().delete(world.context, endpoint)
    Deployment().delete(world.context, made)
    assert not world.layout.home.exists()


def test_a_delete_while_it_scales_leaves_nothing(world: Any, scaled: dict[str, Any], until: Until) -> None:
    endpoint, deployment, _ = world.whole(**scaled)
    with world.steady(endpoint, 30):
        until(lambda: len(world.pids("digits.blue.")) > 1)
        Deployment().delete(world.context, deployment)
        assert set(world.pids()) == {"digits.gateway"}
    folder = world.layout.endpoint("digits")
    assert [path.name for path in folder.iterdir() if "blue" in path.name] == []
