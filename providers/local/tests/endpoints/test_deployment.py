"""``mlstack:local:Deployment``: real workers with a real model, replaced without a gap."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import psutil
import pytest
import requests
from mlstack_local import ports, serving
from mlstack_local.gateway import config as configs
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint
from mlstack_local.resources.traffic import Traffic

from mlstack import content
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State

pytestmark = pytest.mark.drawn

Until = Callable[..., None]


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


class Load:
    """Requests one after the other, in the background, and what they were answered."""

    def __init__(self, world: Any, endpoint: State) -> None:
        self.codes: Counter[int] = Counter()
        self._stop = threading.Event()
        self._ask = lambda: self.codes.update([world.ask(endpoint).status_code])
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def _run(self) -> None:
        while not self._stop.is_set():
            self._ask()

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_predictions_are_those_of_the_model_and_nothing_is_left(world: Any) -> None:
    endpoint, deployment, traffic = world.whole(model=world.MODEL)
    expected = joblib.load(world.context.root / "model" / "model.joblib").predict(world.digits[:50] / 16)
    answer = world.ask(endpoint, rows=50)
    assert answer.json() == {"predictions": expected.tolist()}
    assert answer.headers["x-mlstack-deployment"] == "blue"
    metadata = requests.get(
        endpoint.outputs["url"] + "v2/models/digits",
        headers={"Authorization": f"Bearer {endpoint.outputs['key']}"},
        timeout=10,
    ).json()
    assert (metadata["name"], metadata["versions"], metadata["platform"]) == ("digits", ["1"], "sklearn")
    pids = world.pids()
    assert len(pids) == 2
    Traffic().delete(world.context, traffic)
    Deployment().delete(world.context, deployment)
    Endpoint().delete(world.context, endpoint)
    assert not any(alive(pid) for pid in pids.values())
    assert not world.layout.home.exists()
    Deployment().delete(world.context, deployment)


def test_batches_and_limits_reach_the_workers_and_the_gateway(world: Any) -> None:
    counting = world.code("def run(data):\n    return [len(data)] * len(data)\n")
    endpoint, _, _ = world.whole(
        code=counting,
        batching={"size": 3, "wait_seconds": 60},
        limits={"concurrency": 1, "queue": 0, "body_bytes": 2000},
    )
    with ThreadPoolExecutor(3) as callers:
        answers = list(callers.map(lambda _: world.ask(endpoint), range(3)))
    assert [answer.json() for answer in answers] == [{"predictions": [3]}] * 3
    large = world.ask(endpoint, rows=50)
    assert (large.status_code, large.headers["x-mlstack-deployment"]) == (413, "none")


def test_the_same_again_changes_nothing(world: Any) -> None:
    _, deployment, _ = world.whole()
    pids = world.pids()
    again = world.deployment()
    assert (again.outputs, world.pids()) == (deployment.outputs, pids)
    assert Deployment().read(world.context, deployment) == deployment
    found = Deployment().find(world.context, world.inputs().model_dump())
    assert found
    assert found.outputs == deployment.outputs
    imported = Deployment().read(world.context, State(deployment.id, {}, {}))
    assert imported
    assert imported.inputs == world.inputs().model_dump(exclude_none=True)


def test_a_killed_worker_answers_again(world: Any, until: Until) -> None:
    endpoint, _, _ = world.whole(model=world.MODEL)
    until(lambda: world.supervisor.status()["digits.gateway"].state == "RUNNING")
    (name,) = (name for name in world.pids() if ".blue." in name)
    until(lambda: world.supervisor.status()[name].state == "RUNNING")
    pid = world.pids()[name]
    os.kill(pid, signal.SIGKILL)
    # What a dying worker takes in is lost with it: to ask is fair once it is reaped.
    until(lambda: world.pids()[name] != pid)
    assert [world.ask(endpoint).status_code for _ in range(20)] == [200] * 20
    assert world.pids()[name] != pid


def test_of_two_workers_one_may_be_killed_unnoticed(world: Any) -> None:
    endpoint, deployment, _ = world.whole(replicas=2)
    assert len({worker["port"] for worker in deployment.outputs["workers"]}) == 2
    with Load(world, endpoint) as load:
        time.sleep(0.5)
        os.kill(world.pids()["digits.blue." + deployment.outputs["generation"] + ".0"], signal.SIGKILL)
        time.sleep(1.5)
    lost = sum(count for status, count in load.codes.items() if status != 200)
    # What the killed worker had in hand is lost with it, and told; nothing else is.
    assert load.codes[200] > 50
    assert lost <= 3
    assert set(load.codes) <= {200, 502}


def test_an_update_replaces_the_workers_and_no_request_fails(world: Any) -> None:
    endpoint, deployment, _ = world.whole()
    before = world.pids()
    with Load(world, endpoint) as load:
        time.sleep(0.3)
        outputs = Deployment().update(world.context, deployment, world.inputs(env={"NEW": "1"}))
        time.sleep(0.3)
    assert set(load.codes) == {200}
    assert load.codes[200] > 20
    assert outputs["generation"] != deployment.outputs["generation"]
    after = world.pids()
    assert after["digits.gateway"] == before["digits.gateway"]
    assert set(after) == {"digits.gateway", f"digits.blue.{outputs['generation']}.0"}
    assert not any(alive(pid) for name, pid in before.items() if name != "digits.gateway")


def test_replicas_come_and_go_one_by_one(world: Any) -> None:
    _, deployment, _ = world.whole()
    first = world.pids("digits.blue.")
    outputs = Deployment().update(world.context, deployment, world.inputs(replicas=3))
    more = world.pids("digits.blue.")
    assert first.items() < more.items()
    assert len(more) == len(outputs["workers"]) == 3
    assert outputs["generation"] == deployment.outputs["generation"]
    outputs = Deployment().update(world.context, deployment, world.inputs(replicas=1))
    assert world.pids("digits.blue.") == first
    assert outputs == deployment.outputs


def test_a_broken_model_does_not_disturb_what_serves(world: Any) -> None:
    endpoint, deployment, _ = world.whole()
    before, files = world.pids(), sorted(world.layout.home.rglob("*"))
    (world.context.root / "broken").mkdir()
    (world.context.root / "broken" / "model.joblib").write_bytes(b"no pickle")
    inputs = world.inputs(model={**world.MODEL, "uri": "broken"})
    with pytest.raises(ResourceFailed) as failure:
        Deployment().update(world.context, deployment, inputs)
    assert "the model cannot be loaded" in failure.value.message
    assert "what served before still does" in str(failure.value.remedy)
    assert failure.value.partial is None
    assert world.pids() == before
    assert sorted(world.layout.home.rglob("*")) == files
    assert world.ask(endpoint).status_code == 200
    assert Deployment().read(world.context, deployment) == deployment


def test_a_broken_first_deployment_leaves_nothing(world: Any) -> None:
    world.endpoint()
    (world.context.root / "empty").mkdir()
    with pytest.raises(ResourceFailed, match="did not become ready"):
        world.deployment(model={**world.MODEL, "uri": "empty"})
    assert set(world.pids()) == {"digits.gateway"}
    assert not world.layout.deployment("digits", "blue").exists()
    assert Deployment().find(world.context, world.inputs().model_dump()) is None


def test_code_variables_secrets_and_timeout_reach_the_worker(world: Any, until: Until) -> None:
    endpoint = world.endpoint()
    world.layout.secrets.mkdir(parents=True)
    (world.layout.secrets / "hf").write_text("canary-token")
    deployment = world.deployment(
        code=world.code(),
        env={"SAID": "50% #1"},
        secrets={"TOKEN": {"name": "hf", "hash": "h"}},
        timeout_seconds=7,
        probe={"path": "/v2/models/digits/ready", "initial_delay_seconds": 0.2},
    )
    world.traffic(blue=100)
    folder = world.layout.deployment("digits", "blue") / deployment.outputs["generation"] / "code"
    assert world.ask(endpoint).json() == {"predictions": [["50% #1", "canary-token", str(folder)]]}
    config = configs.read(world.layout.endpoint("digits"))
    assert config
    assert config.deployments["blue"].timeout == 7
    told = [f for f in world.layout.home.rglob("*") if f.is_file() and b"canary-token" in f.read_bytes()]
    assert told == [world.layout.secrets / "hf"]
    # The code that was deployed goes on serving, whatever becomes of the folder it came from.
    world.code("raise SystemExit")
    name, pid = world.pids("digits.blue.").popitem()
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.pids()[name] != pid)
    assert world.ask(endpoint).status_code == 200


def test_code_that_changed_since_the_plan_is_refused(world: Any) -> None:
    world.endpoint()
    given = world.code()
    world.code(world.SCORE + "\n# changed\n")
    with pytest.raises(ResourceFailed, match="changed while it was being deployed"):
        world.deployment(code=given)
    assert not world.layout.deployment("digits", "blue").exists()


def test_a_dead_worker_shows_and_is_repaired_on_its_port(world: Any, until: Until) -> None:
    endpoint, deployment, _ = world.whole()
    world.supervisor.stop_all()
    seen = Deployment().read(world.context, deployment)
    assert seen
    assert seen.inputs["replicas"] == 0
    assert seen.outputs["workers"] == []
    world.endpoint()
    assert Deployment().update(world.context, seen, world.inputs()) == deployment.outputs
    assert world.ask(endpoint).status_code == 200


@pytest.mark.parametrize("gone", ["blue", "blue/deployment.json", "gateway.json"])
def test_files_that_are_gone_show_and_are_made_again(world: Any, gone: str) -> None:
    endpoint, deployment, _ = world.whole()
    place = world.layout.endpoint("digits") / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert Deployment().read(world.context, deployment) is None
    assert (Endpoint().read(world.context, endpoint) is None) is (gone == "gateway.json")
    repaired = world.endpoint()
    assert world.deployment().outputs == deployment.outputs
    world.traffic(blue=100)
    (row,) = world.ask(repaired).json()["predictions"]
    assert Path(row[2]).is_dir(), "the worker's folder is there again"
    assert repaired.outputs["key"] == endpoint.outputs["key"]


def test_what_a_killed_update_left_is_cleared_away(world: Any) -> None:
    world.whole()
    recipe_name = "digits.blue.0123456789ab.0"
    (old,) = (p for n, p in world.supervisor.programs("digits.blue.").items())
    world.supervisor.apply([replace(old, name=recipe_name, meta={"port": ports.free(f"{world.uid} left")})])
    (world.layout.deployment("digits", "blue") / "0123456789ab").mkdir()
    assert recipe_name in world.pids()
    world.deployment()
    assert set(world.pids()) == {"digits.gateway", old.name}
    assert not (world.layout.deployment("digits", "blue") / "0123456789ab").exists()


def test_a_killed_create_is_found_and_can_be_deleted(world: Any) -> None:
    world.endpoint()
    layout = world.layout
    world.deployment()
    (layout.deployment("digits", "blue") / "deployment.json").unlink()
    found = Deployment().find(world.context, world.inputs().model_dump())
    assert found
    assert found.outputs == {"generation": "", "workers": []}
    Deployment().delete(world.context, found)
    assert set(world.pids()) == {"digits.gateway"}
    assert not layout.deployment("digits", "blue").exists()


def test_a_port_that_someone_takes_first_is_changed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = world.endpoint()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        choices = iter([taken])
        free = ports.free
        monkeypatch.setattr(ports, "free", lambda seed, used=(): next(choices, None) or free(seed, used))
        made = world.deployment()
    assert made.outputs["workers"][0]["port"] != taken
    world.traffic(blue=100)
    assert world.ask(endpoint).status_code == 200


def test_without_its_environment_endpoint_or_runtime_it_says_so(world: Any) -> None:
    with pytest.raises(ResourceFailed, match="its endpoint 'digits' is gone"):
        world.deployment()
    world.endpoint()
    with pytest.raises(
        ResourceFailed, match="environment lost, which deployment 'blue' runs in, is not there"
    ):
        world.deployment(environment="sk@lost")
    with pytest.raises(ResourceFailed, match="version 000000000000 of the serving runtime"):
        world.deployment(runtime="000000000000")
    assert set(world.pids()) == {"digits.gateway"}


def test_a_cancelled_create_takes_its_workers_back(world: Any) -> None:
    world.endpoint()
    slow = world.code("import time\ntime.sleep(60)\n" + world.SCORE)
    cancelled = threading.Event()
    context = Context(world.context.root, "urn", "x", cancelled=cancelled)
    threading.Timer(1, cancelled.set).start()
    with pytest.raises(ResourceFailed, match="stopped before its workers were ready"):
        Deployment().create(context, world.inputs(code=slow))
    assert set(world.pids()) == {"digits.gateway"}


def test_previews_tell_the_generation() -> None:
    model = {"name": "digits", "uri": "model", "version": "1"}
    inputs = {
        "stack_uid": "u1",
        "endpoint": "digits",
        "name": "blue",
        "model": model,
        "environment": "sk@dev",
        "runtime": "r",
        "replicas": 2,
    }
    resource, context = Deployment(), None
    told = resource.preview(context, inputs, None)  # type: ignore[arg-type]
    assert set(told) == {"generation"}
    outputs = {**told, "workers": [{"port": 1}, {"port": 2}]}
    old = State("u1/deployment/digits/blue", inputs, outputs)
    assert resource.preview(context, {**inputs, "timeout_seconds": 9}, old) == outputs  # type: ignore[arg-type]
    assert resource.preview(context, {**inputs, "replicas": 3}, old) == told  # type: ignore[arg-type]
    assert resource.preview(context, {**inputs, "env": {"A": "1"}}, old) != told  # type: ignore[arg-type]
    unknown = {**inputs, "model": {**model, "version": UNKNOWN}}
    assert resource.preview(context, unknown, old) == {}  # type: ignore[arg-type]


def test_the_serving_runtime_is_copied_once_and_whole(cache: Any) -> None:
    version = serving.runtime()
    folder = serving.folder(version)
    assert folder == cache / "serving" / version
    assert content.version(folder / "mlstack_serving") == version
    assert serving.folder(version) == folder
    assert [entry.name for entry in folder.parent.iterdir()] == [version]
