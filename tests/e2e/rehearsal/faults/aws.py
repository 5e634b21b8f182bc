"""What faults hit on AWS."""

from __future__ import annotations

from typing import Any

from tests.e2e.rehearsal.clouds.aws import IMAGE, SMALL
from tests.e2e.rehearsal.faults.kinds import TOKEN, Where


def _tags(more: bool) -> dict[str, str]:
    return {"team": "vision"} if more else {}


def _assets(more: bool) -> dict[str, Any]:
    return {
        "environments": {"sk": {"packages": [f"pandas==2.3.{3 if more else 2}"]}},
        "data": {"rows": {"path": f"./data/{'more' if more else 'rows'}.csv", "type": "file"}},
        "models": {"net": {"path": f"./{'net2' if more else 'net'}", "flavor": "sklearn"}},
        "jobs": {"unused": {"command": "true", "environment": "sk", "rerun": "never"}},
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


def _online(more: bool) -> dict[str, Any]:
    scaled = {"min": 1, "max": 3 if more else 2, "target": {"concurrency": 9 if more else 8}}
    blue = {**_DEPLOYMENT, "traffic": 90 if more else 100, "replicas": 2 if more else 1}
    green = {**_DEPLOYMENT, "traffic": 10 if more else 0, "replicas": scaled}
    slow = {"endpoint": "online", "signal": "latency", "threshold": "300ms" if more else "200ms"}
    return {
        "environments": {"img": {"image": IMAGE}},
        "models": {"net": {"path": "./net", "flavor": "sklearn"}},
        "endpoints": {"online": {"deployments": {"blue": blue, "green": green}, "tags": _tags(more)}},
        "notifications": {"oncall": {"email": "ml@example.com"}},
        "monitors": {"slow": {**slow, "quantile": 0.95, "notify": ["oncall"]}},
    }


def _around(more: bool) -> dict[str, Any]:
    return {
        "secrets": {"token": {"env": TOKEN}},
        "notifications": {"oncall": {"email": "second@example.com" if more else "ml@example.com"}},
        "budget": {"amount": 600 if more else 500, "currency": "USD", "per": "month"},
        "tags": _tags(more),
    }


def _workspace(more: bool) -> dict[str, Any]:
    return {"settings": {}, "workspace": {"name": "faulty", "tags": _tags(more)}}


def _apart(more: bool) -> dict[str, Any]:
    return {"workspace": {**SMALL["workspace"], "network": "private", "tags": _tags(more)}}


SPECS = {
    "assets": _assets,
    "runs": _runs,
    "online": _online,
    "around": _around,
    "workspace": _workspace,
    "apart": _apart,
}
KINDS = {
    "workspace": Where("workspace", "aws:s3/bucket:Bucket"),
    "workspace: role": Where("workspace", "aws:iam/role:Role"),
    "workspace: network": Where("apart", "aws:ec2/vpc:Vpc"),
    "workspace: subnet": Where("apart", "aws:ec2/subnet:Subnet"),
    "workspace: way to a service": Where("apart", "aws:ec2/vpcEndpoint:VpcEndpoint"),
    "secrets": Where("around", "aws:secretsmanager/secret:Secret"),
    "secrets: value": Where("around", "aws:secretsmanager/secretVersion:SecretVersion"),
    "notifications": Where("around", "aws:sns/topic:Topic"),
    "notifications: subscription": Where("around", "aws:sns/topicSubscription:TopicSubscription"),
    "budget": Where("around", "aws:budgets/budget:Budget"),
    "environments": Where("assets", path="/codebuild/StartBuild"),
    "data: its files": Where("assets", path="/s3/PutObject"),
    "models": Where("assets", path="/sagemaker/CreateModelPackage"),
    "jobs": Where("runs", path="/sagemaker/CreateTrainingJob"),
    "pipelines": Where("runs", "aws:sagemaker/pipeline:Pipeline"),
    "schedules": Where("runs", "aws:scheduler/schedule:Schedule"),
    "endpoints": Where("online", "aws:sagemaker/endpoint:Endpoint"),
    "endpoints: model": Where("online", "aws:sagemaker/model:Model"),
    "endpoints: configuration": Where("online", "aws:sagemaker/endpointConfiguration:EndpointConfiguration"),
    "endpoints: switch": Where("online", path="/sagemaker/UpdateEndpoint*"),
    "endpoints: scaling": Where("online", "aws:appautoscaling/target:Target"),
    "endpoints: scaling policy": Where("online", "aws:appautoscaling/policy:Policy"),
    "monitors": Where("online", "aws:cloudwatch/metricAlarm:MetricAlarm"),
}
