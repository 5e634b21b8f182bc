"""What Azure has no way to do is refused at its place, with a way out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Refused = Callable[[str], dict[str, tuple[str, str | None]]]


def deployment(text: str) -> str:
    return "endpoints: {one: {deployments: {a: {model: flow, @}}}}".replace("@", text)


AT = "endpoints.one.deployments.a"

CASES = [
    (
        "jobs: {j: {command: run, inputs: {my-c: {value: 1}}}}",
        "jobs.j.inputs.my-c",
        "my_c",
    ),
    (
        "endpoints: {one: {deployments: {a: {model: flow}}, "
        "native: {azure: {properties: {traffic: {b: 1}}}}}}",
        "endpoints.one.native.azure.properties.traffic",
        "endpoints.one.deployments.a",
    ),
    (deployment("replicas: {min: 0, max: 2}"), f"{AT}.replicas.min", "batch"),
    (deployment("replicas: {max: 2, target: {concurrency: 4}}"), f"{AT}.replicas.target.concurrency", "rps"),
    (deployment("replicas: {max: 2, idle: 1m}"), f"{AT}.replicas.idle", "5m"),
    (deployment("timeout: 5m"), f"{AT}.timeout", "180s"),
    (deployment("batching: {size: 4}"), f"{AT}.batching", "server"),
    (deployment("limits: {queue: 4}"), f"{AT}.limits.queue", "limits.concurrency"),
    (deployment("limits: {body: 1MB}"), f"{AT}.limits.body", "leave it out"),
    (deployment("capture: {keep: 3d}"), f"{AT}.capture.keep", "lifecycle"),
    (deployment("capture: {rotate: 2h}"), f"{AT}.capture.rotate", "1h"),
    (deployment("compute: pool"), f"{AT}.compute", "cluster"),
    (deployment("probes: {ready: {period: 500ms}}"), f"{AT}.probes.ready.period", "1s"),
    (deployment("probes: {live: {path: up}}"), f"{AT}.probes.live.path", "/up"),
    (
        deployment("compute: aks, replicas: {max: 2, target: {cpu: 4}}"),
        f"{AT}.replicas.target.cpu",
        "concurrency",
    ),
    (deployment("compute: aks, disk: 4"), f"{AT}.disk", "node pools"),
    (
        "endpoints: {one: {auth: identity, deployments: {a: {model: flow, compute: aks}}}}",
        "endpoints.one.auth",
        "key",
    ),
    (
        "endpoints: {one: {deployments: {a: {model: flow, traffic: 100}, b: {model: flow, mirror: 60}}}}",
        "endpoints.one.deployments.b.mirror",
        "50",
    ),
    (
        "endpoints: {one: {deployments: {a: {model: flow, traffic: 100}, b: {model: flow, compute: aks}}}}",
        "endpoints.one.deployments.b.compute",
        "same compute",
    ),
    (
        "endpoints: {one: {type: batch, auth: key, deployments: {a: {model: flow}}}}",
        "endpoints.one.auth",
        "identity",
    ),
    (
        "endpoints: {one: {type: batch, public: true, deployments: {a: {model: flow}}}}",
        "endpoints.one.public",
        "workspace.network",
    ),
    (
        "endpoints: {one: {type: batch, deployments: {a: {model: flow, secrets: {T: token}}}}}",
        f"{AT}.secrets.T",
        "key vault",
    ),
    ("notifications: {n: {slack: {secret: page}}}", "notifications.n.slack", "email"),
    ("notifications: {n: {apprise: {secret: page}}}", "notifications.n.apprise", "pagerduty"),
    ("budget: {amount: 5, currency: EUR, per: day}", "budget.per", "month"),
]

ONLINE = "endpoints: {one: {deployments: {a: {model: flow, capture: {}}}}}\n"
MONITORS = [
    ("signal: cost, threshold: 5 EUR", "signal", "budget"),
    ("signal: custom, threshold: 5, code: {dir: serve, script: score.py}", "signal", "job"),
    ("signal: latency, threshold: 1s, every: 7m", "every", "5m"),
    ("signal: latency, threshold: 1s, every: 15m, window: 5m", "window", "15m"),
    ("signal: data-drift, baseline: data.rows, threshold: 1, min_samples: 5", "min_samples", "every"),
    ("signal: data-drift, baseline: data.rows, threshold: 1, every: 90s", "every", "1m"),
    (
        "signal: prediction-drift, baseline: data.rows, threshold: 1, features: [x]",
        "features",
        "leave it out",
    ),
]


@pytest.mark.parametrize(("text", "path", "remedy"), CASES, ids=[path for _, path, _ in CASES])
def test_refused(refused: Refused, text: str, path: str, remedy: str) -> None:
    found = refused(text)
    assert list(found) == [path]
    assert remedy in str(found[path][1])


@pytest.mark.parametrize(("text", "field", "remedy"), MONITORS)
def test_monitors_refused(refused: Refused, text: str, field: str, remedy: str) -> None:
    found = refused(ONLINE + "monitors: {m: {endpoint: one, @}}".replace("@", text))
    assert list(found) == [f"monitors.m.{field}"]
    assert remedy in str(found[f"monitors.m.{field}"][1])


def test_drift_needs_captures(refused: Refused) -> None:
    text = (
        deployment("env: {A: b}") + "\nmonitors: {m: {endpoint: one, signal: data-drift, baseline: data.rows,"
    )
    found = refused(text + " threshold: 1}}")
    assert "capture" in str(found["monitors.m.endpoint"][1])


PIPELINES = [
    ("approval: {by: [leads]}", "approval", "another pipeline"),
    ("job: train, when: '${{steps.a.metrics.x}} > 1'", "when", "end with an error"),
]


@pytest.mark.parametrize(("text", "field", "remedy"), PIPELINES)
def test_steps_refused(refused: Refused, text: str, field: str, remedy: str) -> None:
    jobs = "jobs: {train: {command: python t.py}}\n"
    found = refused(jobs + "pipelines: {p: {steps: {a: {job: train}, b: {@}}}}".replace("@", text))
    assert list(found) == [f"pipelines.p.steps.b.{field}"]
    assert remedy in str(found[f"pipelines.p.steps.b.{field}"][1])


SCHEDULES = [
    ('cron: "0 3 1 * *"', "cron", "first step"),
    ('cron: "0 3 * * mon"', "cron", "Sunday"),
    ("every: 90s", "every", "1m"),
    ('cron: "0 3 * * *", timezone: Asia/Pyongyang', "timezone", "city"),
]


@pytest.mark.parametrize(("text", "field", "remedy"), SCHEDULES)
def test_schedules_refused(refused: Refused, text: str, field: str, remedy: str) -> None:
    jobs = "jobs: {train: {command: python t.py}}\npipelines: {p: {steps: {a: {job: train}}}}\n"
    found = refused(jobs + "schedules: {s: {pipeline: p, @}}".replace("@", text))
    assert list(found) == [f"schedules.s.{field}"]
    assert remedy in str(found[f"schedules.s.{field}"][1])
