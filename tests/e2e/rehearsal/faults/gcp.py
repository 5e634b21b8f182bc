"""What faults hit on Google Cloud."""

from __future__ import annotations

from typing import Any

from tests.e2e.rehearsal.clouds.gcp import IMAGE
from tests.e2e.rehearsal.faults.kinds import TOKEN, Where


def _labels(more: bool) -> dict[str, str]:
    return {"team": "vision"} if more else {}


def _assets(more: bool) -> dict[str, Any]:
    return {
        "environments": {"sk": {"packages": [f"pandas==2.3.{3 if more else 2}"]}},
        "data": {"rows": {"path": f"./data/{'more' if more else 'rows'}.csv", "type": "file"}},
        "jobs": {"once": {"command": "true", "environment": "sk"}},
    }


def _runs(more: bool) -> dict[str, Any]:
    train = {
        "command": f"python train.py --data ${{{{inputs.data}}}} --rounds {2 if more else 1}",
        "code": "./src",
        "environment": "img",
        "inputs": {"data": "data.rows"},
    }
    return {
        "environments": {"img": {"image": IMAGE}},
        "data": {"rows": {"path": "./data/rows.csv", "type": "file"}},
        "jobs": {"train": train},
        "pipelines": {"retrain": {"steps": {"only": {"job": "train"}}}},
        "schedules": {"nightly": {"cron": f"0 {4 if more else 3} * * *", "pipeline": "retrain"}},
    }


def _online(more: bool) -> dict[str, Any]:
    deployment = {"model": "net", "environment": "img", "size": "cpu-s"}
    blue = {**deployment, "traffic": 90 if more else 100, "replicas": 2 if more else 1}
    # each has a model of its own: versions of one are counted in the order in which they are registered
    green = {**deployment, "model": "other", "traffic": 10 if more else 0}
    green["env"] = {"LEVEL": "debug" if more else "info"}
    model = {"path": f"./{'net2' if more else 'net'}", "flavor": "sklearn"}
    slow = {"endpoint": "online", "signal": "latency", "threshold": "300ms" if more else "200ms"}
    return {
        "environments": {"img": {"image": IMAGE}},
        "models": {"net": model, "other": model},
        "endpoints": {"online": {"deployments": {"blue": blue, "green": green}, "tags": _labels(more)}},
        "notifications": {"oncall": {"email": "second@example.com" if more else "ml@example.com"}},
        "monitors": {"slow": {**slow, "quantile": 0.95, "notify": ["oncall"]}},
    }


def _around(more: bool) -> dict[str, Any]:
    return {
        "secrets": {"token": {"env": TOKEN}},
        "notifications": {"oncall": {"email": "second@example.com" if more else "ml@example.com"}},
        "budget": {"amount": 600 if more else 500, "currency": "USD", "per": "month"},
        "tags": _labels(more),
    }


def _workspace(more: bool) -> dict[str, Any]:
    return {"settings": {}, "workspace": {"name": "faulty-workspace", "tags": _labels(more)}}


SPECS = {
    "assets": _assets,
    "runs": _runs,
    "online": _online,
    "around": _around,
    "workspace": _workspace,
}
KINDS = {
    "workspace": Where("workspace", "gcp:storage/bucket:Bucket"),
    "secrets": Where("around", "gcp:secretmanager/secret:Secret"),
    "secrets: value": Where("around", "gcp:secretmanager/secretVersion:SecretVersion"),
    "notifications": Where("around", "gcp:monitoring/notificationChannel:NotificationChannel"),
    "budget": Where("around", "gcp:billing/budget:Budget"),
    "environments": Where("assets", path="*/builds"),
    "data: its files": Where("assets", path="*/upload/storage/*"),
    "jobs": Where("runs", path="*/customJobs"),
    "schedules": Where("runs", path="*/schedules*"),
    "models": Where("online", path="*/models:upload"),
    "endpoints": Where("online", "gcp:vertex/aiEndpoint:AiEndpoint"),
    "endpoints: deployment": Where("online", path="*:deployModel"),
    "endpoints: traffic": Where("online", path="*/endpoints/*"),
    "monitors": Where("online", "gcp:monitoring/alertPolicy:AlertPolicy"),
}
