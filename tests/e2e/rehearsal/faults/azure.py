"""What faults hit on Azure."""

from __future__ import annotations

from typing import Any

from tests.e2e.rehearsal.clouds.azure import IMAGE
from tests.e2e.rehearsal.faults.kinds import TOKEN, Where

_REPOSITORY = IMAGE.partition(":")[0]


def _assets(more: bool) -> dict[str, Any]:
    return {
        "environments": {"img": {"image": f"{_REPOSITORY}:20250101.v2" if more else IMAGE}},
        "data": {"rows": {"path": f"./data/{'more' if more else 'rows'}.csv", "type": "file"}},
        "models": {"net": {"path": f"./{'net2' if more else 'net'}", "flavor": "sklearn"}},
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


_DEPLOYMENT = {"model": "net", "environment": "img", "code": {"dir": "./score", "script": "score.py"}}
_SERVED = {
    "environments": {"img": {"image": IMAGE}},
    "models": {"net": {"path": "./net", "flavor": "sklearn"}},
}


def _online(more: bool) -> dict[str, Any]:
    blue = {**_DEPLOYMENT, "traffic": 90 if more else 100, "replicas": 2 if more else 1}
    green = {**_DEPLOYMENT, "traffic": 10 if more else 0}
    slow = {"endpoint": "online", "signal": "latency", "threshold": "300ms" if more else "200ms"}
    return _SERVED | {
        "endpoints": {"online": {"deployments": {"blue": blue, "green": green}, "tags": _tags(more)}},
        "notifications": {"oncall": {"email": "ml@example.com"}},
        "monitors": {"slow": {**slow, "quantile": 0.95, "notify": ["oncall"]}},
    }


def _batch(more: bool) -> dict[str, Any]:
    main = {**_DEPLOYMENT, "compute": "pool", "mini_batch": 20 if more else 10}
    return _SERVED | {
        "compute": {"pool": {"size": "cpu-s", "min": 0, "max": 1}},
        "endpoints": {"nightly": {"type": "batch", "deployments": {"main": main}, "tags": _tags(more)}},
    }


def _tags(more: bool) -> dict[str, str]:
    return {"team": "vision"} if more else {}


def _around(more: bool) -> dict[str, Any]:
    return {
        "compute": {"pool": {"size": "cpu-s", "min": 0, "max": 2 if more else 1}},
        "secrets": {"token": {"env": TOKEN}},
        "notifications": {"oncall": {"email": "second@example.com" if more else "ml@example.com"}},
        "budget": {"amount": 600 if more else 500, "currency": "EUR", "per": "month"},
    }


def _workspace(more: bool) -> dict[str, Any]:
    return {"settings": {}, "workspace": {"name": "faulty", "tags": _tags(more)}}


SPECS = {
    "assets": _assets,
    "runs": _runs,
    "online": _online,
    "batch": _batch,
    "around": _around,
    "workspace": _workspace,
}


_ML = "azure-native:machinelearningservices:"
KINDS = {
    "workspace": Where("workspace", f"{_ML}Workspace"),
    "compute": Where("around", f"{_ML}Compute"),
    "secrets": Where("around", "azure-native:keyvault:Secret"),
    "notifications": Where("around", "azure-native:monitor:ActionGroup"),
    "budget": Where("around", "azure-native:consumption:Budget"),
    "environments": Where("assets", f"{_ML}EnvironmentVersion"),
    "data": Where("assets", f"{_ML}DataVersion"),
    "data: its files": Where("assets", path="*/data.rows/*"),
    "models": Where("assets", f"{_ML}ModelVersion"),
    "jobs": Where("runs", path="*/jobs/*"),
    "pipelines": Where("runs", f"{_ML}ComponentVersion"),
    "schedules": Where("runs", f"{_ML}Schedule"),
    "endpoints": Where("online", f"{_ML}OnlineEndpoint"),
    "endpoints: deployment": Where("online", f"{_ML}OnlineDeployment"),
    "endpoints: traffic": Where("online", path="*/onlineEndpoints/*"),
    "endpoints: batch": Where("batch", f"{_ML}BatchEndpoint"),
    "endpoints: batch deployment": Where("batch", f"{_ML}BatchDeployment"),
    "monitors": Where("online", "azure-native:monitor:MetricAlert"),
}
