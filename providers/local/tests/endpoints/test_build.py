"""The builder of endpoints: what it registers with the engine, what it refuses, what it warns of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local import environments, serving
from mlstack_local.resources.endpoint import gateway_version
from mlstack_serving.config import Config

import mlstack as ml
from mlstack import content
from mlstack.errors import SpecError, UsageError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.support import gaps
from mlstack.testing.record import UID, Recording, record

SPEC = """
version: 1
name: digits
settings: {local: {port: 8700}}
secrets:
  token: {env: A_TOKEN}
environments:
  sk: {packages: [six==1.17.0]}
models:
  digits: {path: ./model, flavor: sklearn}
endpoints:
  digits:
    tags: {team: vision}
    deployments:
      blue: {model: digits, environment: sk, size: cpu-s, traffic: 90}
      green:
        model: {path: ./model, flavor: onnx}
        code: {dir: ./serve, script: score.py}
        cpus: 2
        replicas: 2
        traffic: 10
        env: {LOG_LEVEL: info}
        secrets: {TOKEN: token}
        timeout: 90s
        capture: {sample: 0.5, keep: 7d}
        probes:
          ready: {path: /v2/health/live, initial_delay: 500ms, timeout: 2s, failures: 5}
          live: {path: /alive, initial_delay: 1m, period: 5s}
        batching: {size: 16, wait: 2ms}
        limits: {concurrency: 2, queue: 0, body: 1MB}
      shadow: {model: digits, environment: sk, traffic: 0, mirror: 20}
  second:
    auth: key
    public: false
    deployments: {main: {code: {dir: ./serve, script: score.py}, environment: sk}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("model/model.joblib", "serve/score.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    return tmp_path


def load(folder: Path, text: str) -> ml.Stack:
    (folder / "mlstack.yaml").write_text(text)
    return ml.Stack.load(folder / "mlstack.yaml")


@pytest.fixture
def recording(folder: Path) -> Recording:
    stack = load(folder, SPEC)
    return record(provider("local"), lambda: deploy(stack), folder)


def inputs(recording: Recording, token: str, name: str) -> dict[str, Any]:
    [found] = [r for r in recording.children() if (r.type, r.name) == (f"mlstack:local:{token}", name)]
    return found.inputs


def test_endpoints_have_the_ports_of_the_settings_in_turn(recording: Recording) -> None:
    assert inputs(recording, "Endpoint", "digits") == {
        "stack_uid": UID,
        "name": "digits",
        "auth": "key",
        "port": 8700,
        "running": True,
        "gateway": gateway_version(),
    }
    assert inputs(recording, "Endpoint", "second")["port"] == 8701


def test_a_deployment_of_a_model(recording: Recording, folder: Path) -> None:
    version = content.version(folder / "model")
    made = inputs(recording, "Deployment", "digits-blue")
    assert made == {
        "stack_uid": UID,
        "endpoint": "digits",
        "name": "blue",
        "model": {
            "name": "digits",
            "uri": f".mlstack/local/{UID}/models/digits/{version}",
            "version": version,
            "flavor": "sklearn",
        },
        "environment": UNKNOWN,
        "runtime": serving.runtime(),
        "replicas": 1,
        "env": {},
        "secrets": {},
    }


def test_a_deployment_with_all_it_may_have(recording: Recording, folder: Path) -> None:
    made = inputs(recording, "Deployment", "digits-green")
    assert made["model"]["name"] == "digits.green"
    assert made["code"] == {
        "path": "./serve",
        "digest": content.version(folder / "serve"),
        "script": "score.py",
    }
    assert (made["replicas"], made["timeout_seconds"], made["env"]) == (2, 90, {"LOG_LEVEL": "info"})
    assert made["secrets"]["TOKEN"]["name"] == "token"
    assert made["probe"] == {
        "path": "/v2/health/live",
        "initial_delay_seconds": 0.5,
        "period_seconds": 10,
        "timeout_seconds": 2,
        "failures": 5,
    }
    assert made["live"] == {"path": "/alive", "initial_delay_seconds": 60, "period_seconds": 5}
    assert made["controlled"] is True
    assert "scaling" not in made
    assert made["batching"] == {"size": 16, "wait_seconds": 0.002}
    assert made["limits"] == {"concurrency": 2, "queue": 0, "body_bytes": 1000000}
    assert inputs(recording, "Model", "digits.green")["source"] == "model"
    assert inputs(recording, "Environment", "digits.green") == {
        "stack_uid": UID,
        "name": "digits.green",
        "python": inputs(recording, "Environment", "sk")["python"],
        "requirements": ["onnxruntime", "numpy"],
        "serving": environments.of_serving(),
    }
    assert "model" not in inputs(recording, "Deployment", "second-main")


def test_traffic_waits_for_every_deployment(recording: Recording) -> None:
    made = inputs(recording, "Traffic", "digits-traffic")
    assert made == {
        "stack_uid": UID,
        "endpoint": "digits",
        "weights": {"blue": 90, "green": 10, "shadow": 0},
        "mirrors": {"shadow": 20},
        "captures": {"green": {"sample": 0.5, "rotate_seconds": 3600, "keep_seconds": 604800}},
        "generations": {"blue": UNKNOWN, "green": UNKNOWN, "shadow": UNKNOWN},
    }
    assert inputs(recording, "Traffic", "second-traffic")["weights"] == {"main": 100}


def test_fields_without_effect_are_warned_of(recording: Recording) -> None:
    warned = {(warning.resource, warning.field) for warning in recording.warnings}
    assert warned >= {
        ("endpoints.digits", "tags"),
        ("endpoints.digits", "deployments.blue.size"),
        ("endpoints.digits", "deployments.green.cpus"),
    }


SPANS = {
    "replicas: {min: 0, max: 4}": {"max": 4, "metric": "concurrency", "target": 2},
    "replicas: {max: 5, target: {rps: 20}, idle: 10m}": {
        "max": 5,
        "metric": "rps",
        "target": 20,
        "idle_seconds": 600,
    },
    "replicas: {max: 2, target: {cpu: 70}}, cpus: 2": {"max": 2, "metric": "cpu", "target": 70, "cpus": 2},
}


@pytest.mark.parametrize("given", SPANS)
def test_a_span_of_workers_follows_a_target(folder: Path, given: str) -> None:
    text = SPEC.replace("cpus: 2\n        replicas: 2", given.replace(", cpus", "\n        cpus"))
    stack = load(folder, text)
    made = inputs(record(provider("local"), lambda: deploy(stack), folder), "Deployment", "digits-green")
    assert made["scaling"] == SPANS[given]
    assert made["controlled"] is True


def test_what_a_worker_works_on_at_a_time_is_the_target_without_one(folder: Path) -> None:
    text = SPEC.replace("replicas: 2", "replicas: {max: 3}").replace("concurrency: 2, ", "")
    stack = load(folder, text)
    made = inputs(record(provider("local"), lambda: deploy(stack), folder), "Deployment", "digits-green")
    assert made["scaling"] == {"max": 3, "metric": "concurrency", "target": Config.concurrency}


def test_a_fixed_number_has_nothing_to_follow(folder: Path) -> None:
    stack = load(
        folder, SPEC.replace("replicas: 2", "replicas: {min: 2, max: 2, idle: 1m, target: {rps: 1}}")
    )
    recorded = record(provider("local"), lambda: deploy(stack), folder)
    assert "scaling" not in inputs(recorded, "Deployment", "digits-green")
    warned = {warning.field for warning in recorded.warnings}
    assert warned >= {"deployments.green.replicas.idle", "deployments.green.replicas.target"}


def test_a_server_of_ones_own(folder: Path) -> None:
    text = SPEC.replace(
        "{code: {dir: ./serve, script: score.py}, environment: sk}",
        "{server: {container: {image: a/b, command: [serve, $(PORT)], port: 80, health: /ok}}}",
    )
    stack = load(folder, text)
    recorded = record(provider("local"), lambda: deploy(stack), folder)
    made = inputs(recorded, "Deployment", "second-main")
    assert made["server"] == {"command": ["serve", "$(PORT)"]}
    assert made["probe"] == {"path": "/ok"}
    assert not made.keys() & {"environment", "runtime", "code", "live", "controlled"}
    warned = {warning.field for warning in recorded.warnings}
    assert warned >= {f"deployments.main.server.container.{field}" for field in ("image", "port")}


REFUSED = {
    "auth: token": ("endpoints.digits.auth", "set auth: key"),
    "auth: identity": ("endpoints.digits.auth", "set auth: key"),
    "public: true": ("endpoints.digits.public", "put a proxy before it"),
    "server: {vllm: {max_model_len: 1}}": (
        "endpoints.digits.deployments.main.server.vllm",
        "command: [vllm, serve, MODEL, --port, $(PORT)]",
    ),
    "server: {container: {image: a/b}}, environment: null": (
        "endpoints.digits.deployments.main.server.container.command",
        "with PORT saying where to listen",
    ),
    "server: {container: {image: a/b, command: [c], health: x}}, environment: null": (
        "endpoints.digits.deployments.main.server.container.health",
        "write /x",
    ),
    "replicas: {max: 2, target: {gpu: 50}}": (
        "endpoints.digits.deployments.main.replicas.target.gpu",
        "set concurrency, rps or cpu",
    ),
    "probes: {live: {path: x}}": ("endpoints.digits.deployments.main.probes.live.path", "write /x"),
    "probes: {ready: {path: x}}": ("endpoints.digits.deployments.main.probes.ready.path", "write /x"),
    "environment: null": ("endpoints.digits.deployments.main", "set environment"),
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_cannot_be_done_is_refused_with_the_way_out(folder: Path, given: str) -> None:
    path, remedy = REFUSED[given]
    deployment = {"model": "digits", "environment": "sk"}
    text = (
        "version: 1\nname: digits\nenvironments: {sk: {packages: [six]}}\nmodels: {digits: {path: ./model}}\n"
    )
    text += "endpoints:\n  digits:\n"
    if given.split(":")[0] in {"type", "auth", "public"}:
        text += f"    {given}\n"
        given = ""
    deployment = {k: v for k, v in deployment.items() if f"{k}:" not in given}
    body = ", ".join([*(f"{k}: {v}" for k, v in deployment.items()), given]).strip(", ")
    text += f"    deployments:\n      main: {{{body}}}\n"
    found = {problem.path: problem for problem in gaps(provider("local"), load(folder, text))}
    assert path in found, found
    assert remedy in str(found[path].remedy)
    with pytest.raises(SpecError):
        record(provider("local"), lambda: deploy(load(folder, text)), folder)


def test_a_program_without_a_spec_is_told_of_missing_code_too(folder: Path) -> None:
    def program() -> None:
        ml.Environment("sk", packages=["six"])
        ml.Endpoint(
            "digits",
            deployments={
                "main": ml.Deployment(environment="sk", code=ml.Code(dir="serve", script="none.py"))
            },
        )

    with pytest.raises(UsageError, match=r"there is no serve/none.py"):
        record(provider("local"), program, folder)
