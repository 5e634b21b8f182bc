"""The rules within one object: what each kind takes, what it fills in, what it refuses and how."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from mlstack.spec import (
    KINDS,
    Compute,
    Deployment,
    Duration,
    Endpoint,
    FromSecret,
    Money,
    Monitor,
    Notification,
    Replicas,
    Resource,
    Secret,
    Stack,
    resources,
)

CANARY = "canary-71c5"
MAIN = {"model": "m"}


@pytest.mark.parametrize(
    ("kind", "value", "code", "loc"),
    [
        ("compute", {"size": "cpu-s", "cpus": 2}, "machine-twice", ()),
        ("compute", {"instance": "m5", "size": "cpu-s"}, "machine-twice", ()),
        ("compute", {"min": 4, "max": 2}, "min-above-max", ()),
        ("compute", {"existing": "pool", "size": "cpu-s"}, "existing-excludes", ()),
        ("compute", {"existing": "pool", "max": 3}, "existing-excludes", ()),
        ("compute", {"cluster": {"type": "x"}, "spot": True}, "cluster-excludes", ()),
        ("compute", {"cpus": 0}, "not-positive", ("cpus",)),
        ("environments", {"image": "i", "packages": ["p"]}, "environment-twice", ()),
        ("environments", {"conda": "c.yml", "dockerfile": "D"}, "environment-twice", ()),
        ("environments", {"python": 3.1}, "bad-python", ("python",)),
        ("environments", {"python": "2.7"}, "bad-python", ("python",)),
        ("data", {"type": "file"}, "data-source", ()),
        ("data", {"type": "file", "path": "a", "existing": "b"}, "data-source", ()),
        ("data", {"path": "a", "type": "file", "tags": {"mlstack-stack": "x"}}, "reserved-tag", ("tags",)),
        ("models", {"flavor": "sklearn"}, "model-source", ()),
        ("models", {"hub": "a/b", "path": "c"}, "model-source", ()),
        ("models", {"path": "c", "revision": "main"}, "revision-without-hub", ()),
        ("models", {"from": "data.digits"}, "bad-reference", ("from",)),
        ("endpoints", {"deployments": {}}, "too_short", ("deployments",)),
        ("endpoints", {"deployments": {"a": MAIN, "b": MAIN}}, "traffic-sum", ("deployments",)),
        ("endpoints", {"deployments": {"a": {**MAIN, "traffic": 90}}}, "traffic-sum", ("deployments",)),
        ("endpoints", {"deployments": {"A": MAIN}}, "bad-name", ("deployments", "A", "[key]")),
        ("endpoints", {"deployments": {"a": {**MAIN, "max_errors": 1}}}, "batch-only", ()),
        ("endpoints", {"type": "batch", "deployments": {"a": {**MAIN, "capture": {}}}}, "online-only", ()),
        ("endpoints", {"deployments": {"a": {}}}, "model-missing", ("deployments", "a")),
        (
            "endpoints",
            {"deployments": {"a": {**MAIN, "traffic": 80, "mirror": 5}}},
            "mirror-and-traffic",
            ("deployments", "a"),
        ),
        (
            "endpoints",
            {"deployments": {"a": {**MAIN, "replicas": 0}}},
            "bad-replicas",
            ("deployments", "a", "replicas"),
        ),
        (
            "endpoints",
            {"deployments": {"a": {**MAIN, "server": {}}}},
            "server-choice",
            ("deployments", "a", "server"),
        ),
        (
            "endpoints",
            {"deployments": {"a": {**MAIN, "replicas": {"target": {"cpu": 50, "rps": 3}}}}},
            "scaling-target",
            ("deployments", "a", "replicas", "target"),
        ),
        ("monitors", {"endpoint": "e", "signal": "data-drift", "threshold": 0.2}, "baseline-missing", ()),
        (
            "monitors",
            {"endpoint": "e", "signal": "latency", "threshold": 0.2},
            "bad-duration",
            ("threshold",),
        ),
        ("monitors", {"endpoint": "e", "signal": "errors", "threshold": 2}, "bad-fraction", ("threshold",)),
        ("monitors", {"endpoint": "e", "signal": "cost", "threshold": 2}, "bad-money", ("threshold",)),
        (
            "monitors",
            {"endpoint": "e", "signal": "errors", "threshold": 0.1, "metric": "psi"},
            "signal-excludes",
            (),
        ),
        (
            "monitors",
            {"endpoint": "e", "signal": "latency", "threshold": "1s", "quantile": 1},
            "bad-quantile",
            (),
        ),
        (
            "monitors",
            {
                "endpoint": "e",
                "signal": "data-drift",
                "threshold": 0.2,
                "baseline": "data.d",
                "metric": "ndcg",
            },
            "bad-metric",
            (),
        ),
        ("notifications", {}, "notification-channel", ()),
        ("notifications", {"email": "nobody"}, "bad-email", ("email",)),
        ("pipelines", {"steps": {"a": {}}}, "step-sort", ("steps", "a")),
        ("pipelines", {"steps": {"a": {"job": "j", "endpoint": "e"}}}, "step-sort", ("steps", "a")),
        ("pipelines", {"steps": {"a": {"job": "j", "deployment": "d"}}}, "step-field", ("steps", "a")),
        (
            "pipelines",
            {"steps": {"a": {"job": "j", "when": "import os"}}},
            "bad-condition",
            ("steps", "a", "when"),
        ),
        (
            "pipelines",
            {
                "steps": {
                    "a": {
                        "endpoint": "e",
                        "deployment": "d",
                        "rollout": {"steps": [50, 10, 100], "every": "1m"},
                    }
                }
            },
            "bad-rollout",
            ("steps", "a", "rollout", "steps"),
        ),
        ("schedules", {"pipeline": "p"}, "schedule-start", ()),
        ("schedules", {"pipeline": "p", "cron": "0 3 * * *", "every": "1h"}, "schedule-start", ()),
        ("schedules", {"pipeline": "p", "every": "1h", "timezone": "UTC"}, "timezone-without-cron", ()),
        (
            "schedules",
            {"pipeline": "p", "cron": "0 3 * * *", "timezone": "Mars"},
            "bad-timezone",
            ("timezone",),
        ),
        ("budget", {"amount": -500, "currency": "EUR"}, "not-positive", ("amount",)),
        ("budget", {"amount": 500, "currency": "euros"}, "bad-currency", ("currency",)),
        ("secrets", {"env": "A", "vault": "p#k"}, "secret-source", ()),
        ("secrets", {}, "secret-source", ()),
        ("secrets", {"vault": "no-key"}, "bad-vault-path", ("vault",)),
        ("jobs", {"command": ""}, "string_too_short", ("command",)),
        ("jobs", {"command": "c", "nodes": True}, "int_type", ("nodes",)),
        ("jobs", {"command": "c", "nodes": "2"}, "int_type", ("nodes",)),
        ("jobs", {"command": "c", "inputs": {"X": {"value": 1}}}, "bad-name", ("inputs", "X", "[key]")),
        ("jobs", {"command": "c", "timeout": "0s"}, "bad-duration", ("timeout",)),
    ],
)
def test_one_mistake_is_one_error(
    kind: str, value: dict[str, Any], code: str, loc: tuple[object, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        KINDS[kind].cls.model_validate(value)
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"]) == (code, loc)
    if "-" in code:
        assert error["ctx"]["remedy"]


@pytest.mark.parametrize(
    "value", [CANARY, {"value": CANARY}, {"Password": CANARY}, [CANARY], 5, {"env": f"sk-{CANARY}"}]
)
def test_a_secret_written_out_is_refused_and_never_repeated(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Stack.model_validate({"name": "s", "secrets": {"token": value}})
    (error,) = caught.value.errors(include_input=False)
    assert error["type"] in ("secret-literal", "bad-variable")
    assert CANARY not in str(caught.value) + repr(error)
    assert "env: " in error["ctx"]["remedy"]


@pytest.mark.parametrize("channel", ["slack", "teams", "pagerduty", "apprise"])
def test_an_address_that_is_a_credential_comes_from_a_secret(channel: str) -> None:
    held = Notification.model_validate({channel: {"secret": "hook"}})
    assert getattr(held, channel) == FromSecret(secret="hook")
    assert held.channel == channel

    with pytest.raises(ValidationError, match="secret-literal") as caught:
        Notification.model_validate({channel: f"https://hooks.example.com/{CANARY}"})
    assert CANARY not in str(caught.value)


def test_a_webhook_may_be_written_out() -> None:
    assert Notification(webhook="https://example.com/hook").webhook == "https://example.com/hook"


def test_python_use_is_short() -> None:
    endpoint = Endpoint(
        deployments={
            "blue": Deployment(model="digits", size="cpu-s", traffic=90, replicas=2),
            "green": Deployment(model="digits", traffic=10, replicas=Replicas(min=1, max=5), timeout="60s"),
        }
    )

    assert endpoint.deployments["blue"].replicas == Replicas(min=2, max=2)
    assert endpoint.deployments["green"].timeout == Duration(60)


def test_traffic_left_out_is_filled_in() -> None:
    alone = Endpoint(deployments={"main": Deployment(model="m")})
    beside = Endpoint(deployments={"a": Deployment(model="m", traffic=100), "b": Deployment(model="m")})

    assert alone.deployments["main"].traffic == 100
    assert [deployment.traffic for deployment in beside.deployments.values()] == [100, 0]


def test_max_left_out_follows_min() -> None:
    assert (Compute(min=3).max, Compute().max, Compute(min=0).max) == (3, 1, 1)
    assert (Replicas(min=4).max, Replicas(min=0).max) == (4, 1)


def test_a_threshold_is_read_by_its_signal() -> None:
    def threshold(signal: str, value: object) -> object:
        return Monitor.model_validate({"endpoint": "e", "signal": signal, "threshold": value}).threshold

    assert threshold("latency", "200ms") == Duration(0.2)
    assert threshold("errors", "5%") == 0.05
    assert threshold("cost", "50 EUR") == Money.parse("50 EUR")


def test_the_usual_interval_depends_on_the_signal() -> None:
    cost = Monitor(endpoint="e", signal="cost", threshold="5 USD")
    latency = Monitor(endpoint="e", signal="latency", threshold="1s", every="1m")

    assert (str(cost.interval), str(latency.interval)) == ("1d", "1m")


def test_existing_auto_may_be_created() -> None:
    assert Compute(existing="auto", size="cpu-s", max=2).existing == "auto"


def test_a_size_is_a_requirement_too() -> None:
    requirement = Compute(size="gpu-t4", disk="100Gi").requirement

    assert requirement.gpu is not None
    assert (requirement.gpu.type, requirement.disk) == ("t4", 100)
    assert Compute(cpus=2).requirement.cpus == 2


def test_specs_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Compute(max=2).max = 3


def test_secrets_say_where_they_are() -> None:
    assert Secret(env="HF_TOKEN").source == "env"
    assert Secret(vault="kv/ml#token").source == "vault"


def test_the_kinds_are_the_collections_of_the_stack() -> None:
    others = {"version", "name", "cloud", "region", "security", "tags", "settings", "policies"}

    assert set(Stack.model_fields) - others == set(KINDS)
    assert {kind.key for kind in KINDS.values() if kind.stateful} == {"workspace", "data", "endpoints"}
    for kind in KINDS.values():
        annotation = str(Stack.model_fields[kind.key].annotation)
        assert kind.cls.__name__ in annotation
        assert annotation.startswith("dict") is not kind.single


def test_resources_of_a_stack_are_listed_by_kind() -> None:
    stack = Stack.model_validate(
        {
            "name": "s",
            "budget": {"amount": 5, "currency": "EUR"},
            "models": {"m": {"hub": "a/b"}},
            "data": {"d": {"path": "x", "type": "file"}},
            "workspace": {},
        }
    )

    assert [(key, name) for key, name, _ in resources(stack)] == [
        ("workspace", "default"),
        ("data", "d"),
        ("models", "m"),
        ("budget", "default"),
    ]


def every_class(cls: type[BaseModel]) -> set[type[BaseModel]]:
    return {cls, *(below for child in cls.__subclasses__() for below in every_class(child))}


def test_every_class_and_field_is_described() -> None:
    for cls in every_class(Resource) | {Stack, Deployment, Replicas}:
        assert cls.__doc__, cls
        for name, field in cls.model_fields.items():
            text = field.description or ""
            said = "Left out" in text or "equired." in text
            assert said, f"{cls.__name__}.{name} does not say what leaving it out does"
            assert ("equired." in text and "Left out" not in text) == field.is_required(), (
                f"{cls.__name__}.{name}"
            )
