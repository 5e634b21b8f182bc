"""The stack that fields are tried on: one small resource of each kind, and the files that they name.

All of it is data; `mlstack.testing.cases` makes stacks of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Variables that the sample's secrets are read from.
VARIABLES = {"MLSTACK_CONFORMANCE_ONE": "the-first-secret", "MLSTACK_CONFORMANCE_TWO": "the-second-secret"}

FILES: Mapping[str, str] = {
    "data/rows.csv": "x,label\n1,0\n2,1\n",
    "data/other.csv": "x,label\n3,0\n4,1\n5,1\n",
    "files/net/model.txt": "weights\n",
    "files/other/model.txt": "other weights\n",
    "src/train.py": "print('training')\n",
    "src-other/train.py": "print('training otherwise')\n",
    "serve/score.py": "def run(data):\n    return data\n",
    "serve/other.py": "def run(data):\n    return [data]\n",
    "serve-other/score.py": "def run(data):\n    return None\n",
    "requirements.txt": "six==1.17.0\n",
    "environment.yml": "name: conformance\ndependencies: [python=3.11]\n",
    "Dockerfile": "FROM python:3.11-slim\n",
}

#: Names of entries within a resource, by the key of what holds them.
ENTRIES: Mapping[str, str] = {
    "deployments": "main",
    "inputs": "value",
    "node_pools": "pool",
    "outputs": "model",
    "steps": "first",
}

#: One resource of each kind, as little as the kind allows. They are named "one"; a single kind has no name.
SAMPLE: Mapping[str, Mapping[str, Any]] = {
    "workspace": {},
    "secrets": {"env": "MLSTACK_CONFORMANCE_ONE"},
    "compute": {},
    "environments": {"packages": ["six==1.17.0"]},
    "data": {"path": "data/rows.csv", "type": "file"},
    "jobs": {
        "command": "python train.py --out ${{outputs.model}}",
        "code": "src",
        "inputs": {"value": {"value": 3}},
        "outputs": {"model": {"type": "folder"}},
    },
    "models": {"path": "files/net"},
    # Most signals of monitors are read from captured requests.
    "endpoints": {"deployments": {"main": {"model": "one", "environment": "one", "capture": {}}}},
    "monitors": {"endpoint": "one", "signal": "data-drift", "baseline": "data.one", "threshold": 0.2},
    "notifications": {"email": "one@example.com"},
    "pipelines": {"steps": {"first": {"job": "one"}}},
    "schedules": {"cron": "0 3 * * *", "pipeline": "one"},
    "budget": {"amount": 100, "currency": "EUR"},
}

#: A second resource of a kind, named "two", for fields that refer to one.
SECOND: Mapping[str, Mapping[str, Any]] = {
    "secrets": {"env": "MLSTACK_CONFORMANCE_TWO"},
    "compute": {"size": "cpu-m"},
    "environments": {"packages": ["six==1.16.0"]},
    "data": {"path": "data/other.csv", "type": "file"},
    "jobs": {"command": "python train.py --out ${{outputs.model}}", "code": "src-other",
             "outputs": {"model": {"type": "folder"}}},
    "models": {"path": "files/other"},
    "endpoints": {"deployments": {"main": {"model": "two", "environment": "one"}}},
    "monitors": {"endpoint": "one", "signal": "latency", "threshold": "200ms"},
    "notifications": {"email": "two@example.com"},
    "pipelines": {"steps": {"first": {"job": "two"}}},
}  # fmt: skip

#: The least that an object of the spec takes, where its required fields alone do not say it.
LEAST: Mapping[str, Mapping[str, Any]] = {
    "Server": {"container": {"image": "registry.example.com/server:1", "command": ["serve"]}},
    "Replicas": {"max": 9},
    "Target": {"cpu": 50},
    "InlineModel": {"path": "files/net"},
    "Code": {"dir": "serve", "script": "score.py"},
    "Container": {"image": "registry.example.com/server:1", "command": ["serve"]},
    "Cluster": {"type": "kubernetes"},
    "FromSecret": {"secret": "one"},
    "Value": {"value": 3},
    "Approval": {"by": ["leads"]},
    "Rollout": {"steps": [10, 100], "every": "10m"},
}

#: Fields that exclude each other: to set one is to take the others out.
EXCLUSIVE: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "Data.path Data.existing",
        "Secret.env Secret.keyvault Secret.secretsmanager Secret.secretmanager Secret.vault",
        "Model.from_ Model.path Model.hub Model.registry",
        "InlineModel.from_ InlineModel.path InlineModel.hub InlineModel.registry",
        "Environment.existing Environment.image Environment.dockerfile Environment.conda "
        "Environment.packages",
        "Server.vllm Server.container",
        "Target.concurrency Target.rps Target.cpu Target.gpu",
        "Notification.email Notification.slack Notification.teams Notification.pagerduty "
        "Notification.webhook Notification.apprise",
        "Schedule.cron Schedule.every Schedule.on",
        "Step.job Step.approval Step.endpoint",
        "Deployment.environment Deployment.server",
    )
)

#: Values for fields whose type alone does not tell a good one, by class and field.
VALUES: Mapping[str, Any] = {
    "Budget.currency": "USD",
    "Cluster.existing": True,
    "Code.dir": "serve-other",
    "Code.script": "other.py",
    "Columns.categorical": ["x"],
    "Columns.features": ["x"],
    "Columns.label": "label",
    "Columns.prediction": "label",
    "Columns.timestamp": "x",
    "Container.command": ["serve", "--fast"],
    "Container.health": "/healthy",
    "Data.path": "data/other.csv",
    "Data.type": "folder",
    "Deployment.traffic": 50,
    "Environment.conda": "environment.yml",
    "Environment.dockerfile": "Dockerfile",
    "Environment.packages": ["six==1.16.0"],
    "Environment.python": "3.12",
    "Environment.requirements": "requirements.txt",
    "InlineModel.path": "files/other",
    "Job.code": "src-other",
    "Job.inputs": {"value": "data.two"},
    "Job.command": "python train.py --fast --out ${{outputs.model}}",
    "Model.path": "files/other",
    "Monitor.metric": "ks",
    "Monitor.signal": "prediction-drift",
    "Monitor.threshold": 0.4,
    "Notification.email": "two@example.com",
    "Notification.webhook": "https://example.com/two",
    "Probe.path": "/healthy",
    "Rollout.steps": [50, 100],
    "Schedule.cron": "0 5 * * *",
    "Schedule.timezone": "Europe/Berlin",
    "Secret.env": "MLSTACK_CONFORMANCE_TWO",
    "Secret.vault": "secret/conformance#key",
    "Step.deployment": "main",
    "Step.inputs": {"value": "data.two"},
    "Value.value": 7,
}

_NO_CAPTURE = {"deployments": {"main": {"capture": None}}}

#: What must be given beside a field, by class and field: laid over the object that holds it.
BESIDE: Mapping[str, Mapping[str, Any]] = {
    "Endpoint.type": _NO_CAPTURE,
    "InlineModel.revision": {"path": None, "hub": "org/net"},
    "Model.revision": {"path": None, "hub": "org/net"},
    "Monitor.quantile": {"signal": "latency", "threshold": "200ms", "baseline": None},
    "Replicas.idle": {"max": 9},
    "Step.deployment": {"job": None, "endpoint": "one"},
    "Step.rollout": {"job": None, "endpoint": "one", "deployment": "main"},
}

_OTHER = {"model": "one", "environment": "one"}
_BATCH = {"type": "batch", **_NO_CAPTURE}
_CUSTOM = {"signal": "custom", "code": {"dir": "serve", "script": "score.py"}}

#: Changes that concern more than the object that holds the field: (laid over the resource first, laid over
#: it to set the field), by path.
CHANGES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "endpoints.deployments.traffic": (
        {"deployments": {"main": {"traffic": 60}, "other": {**_OTHER, "traffic": 40}}},
        {"deployments": {"main": {"traffic": 50}, "other": {"traffic": 50}}},
    ),
    "endpoints.deployments.mirror": (
        {"deployments": {"main": {"traffic": 0}, "other": {**_OTHER, "traffic": 100}}},
        {"deployments": {"main": {"mirror": 20}}},
    ),
    "endpoints.deployments.mini_batch": (_BATCH, {"deployments": {"main": {"mini_batch": 7}}}),
    "endpoints.deployments.max_errors": (_BATCH, {"deployments": {"main": {"max_errors": 7}}}),
    "monitors.code.dir": (_CUSTOM, {"code": {"dir": "serve-other"}}),
    "monitors.code.script": (_CUSTOM, {"code": {"script": "other.py"}}),
    "pipelines.steps.needs": (
        {"steps": {"before": {"job": "one"}}},
        {"steps": {"first": {"needs": ["before"]}}},
    ),
    "pipelines.steps.when": (
        {"steps": {"before": {"job": "one"}}},
        {"steps": {"first": {"when": "${{steps.before.metrics.accuracy}} > 0.9"}}},
    ),
}


def write_files(root: Path) -> None:
    """Put the files that the sample names into a folder."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
