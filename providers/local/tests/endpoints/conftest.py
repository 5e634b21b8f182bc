"""Real endpoints: gateway, supervisord and workers, all gone when a test ends."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
import requests
from mlstack_local import serving
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.layout import Layout
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs
from mlstack_local.resources.traffic import Traffic, TrafficInputs
from mlstack_local.supervisor import Supervisor
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from mlstack import content
from mlstack.resource import Context, State
from providers.local.tests.load import Steady

MODEL = {"name": "digits", "uri": "model", "version": "1"}
SCORE = """
import os

def init():
    global said
    said = os.environ.get("SAID", "nothing"), os.environ.get("TOKEN", "none"), os.getcwd()

def run(data):
    return [list(said) for _ in data]
"""


class World:
    """One stack's endpoint "digits", and short ways to its verbs."""

    MODEL = MODEL
    SCORE = SCORE

    def __init__(self, context: Context, digits: Any) -> None:
        self.context = context
        self.digits = digits
        # Tests run at the same time: ports are chosen by this.
        self.uid = f"u{content.fingerprint(str(context.root))}"
        self.layout = Layout(context.root, self.uid)
        self.supervisor = Supervisor(self.layout)

    def endpoint(self, **inputs: Any) -> State:
        return Endpoint().create(self.context, EndpointInputs(stack_uid=self.uid, name="digits", **inputs))

    def inputs(self, name: str = "blue", **changes: Any) -> DeploymentInputs:
        given: dict[str, Any] = {
            "stack_uid": self.uid,
            "endpoint": "digits",
            "name": name,
            "environment": "sk@dev",
            "runtime": serving.runtime(),
        }
        if not changes.keys() & {"code", "model"}:
            # scikit-learn takes seconds to import: where the model does not matter, a script answers.
            changes["code"] = self.code()
        return DeploymentInputs.model_validate({**given, **changes})

    def code(self, text: str = SCORE) -> dict[str, str]:
        folder = self.context.root / "serve"
        folder.mkdir(exist_ok=True)
        (folder / "score.py").write_text(text)
        return {"path": "serve", "digest": content.version(folder), "script": "score.py"}

    def deployment(self, name: str = "blue", **changes: Any) -> State:
        return Deployment().create(self.context, self.inputs(name, **changes))

    def traffic(self, **weights: int) -> State:
        return Traffic().create(
            self.context, TrafficInputs(stack_uid=self.uid, endpoint="digits", weights=weights)
        )

    def whole(self, **changes: Any) -> tuple[State, State, State]:
        """An endpoint with all its traffic on one deployment."""
        return self.endpoint(), self.deployment(**changes), self.traffic(blue=100)

    def ask(self, endpoint: State, rows: int = 1, **headers: str) -> requests.Response:
        return requests.post(
            endpoint.outputs["url"],
            json={"instances": (self.digits[:rows] / 16).tolist()},
            headers={"Authorization": f"Bearer {endpoint.outputs['key']}", **headers},
            timeout=30,
        )

    def steady(self, endpoint: State, rate: float = 50, body: bytes = b'{"instances": [[1, 2]]}') -> Steady:
        """A constant rate of requests, whatever becomes of them."""
        return Steady(int(endpoint.outputs["port"]), str(endpoint.outputs["key"]), body, rate)

    def update(self, state: State, name: str = "blue", **changes: Any) -> State:
        inputs = self.inputs(name, **changes)
        outputs = Deployment().update(self.context, state, inputs)
        return State(state.id, inputs.model_dump(), outputs)

    def pids(self, prefix: str = "digits.") -> dict[str, int]:
        return {
            name: process.pid for name, process in self.supervisor.status().items() if name.startswith(prefix)
        }


@pytest.fixture(scope="session", autouse=True)
def environment(cache: Path) -> None:
    """The environment of version "dev" is the interpreter of the tests."""
    python = cache / "environments" / "dev" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


@pytest.fixture(scope="session")
def digits() -> Any:
    return load_digits().data


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    data = load_digits()
    joblib.dump(DecisionTreeClassifier(max_depth=8).fit(data.data / 16, data.target), folder / "model.joblib")
    return folder


@pytest.fixture
def world(context: Context, model: Path, digits: Any) -> Iterator[World]:
    (context.root / "model").symlink_to(model)
    made = World(context, digits)
    yield made
    made.supervisor.stop_all()


@pytest.fixture
def until() -> Callable[..., None]:
    import time

    def wait(holds: Callable[[], object], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait
