"""Versions of models in the registry: made, found again, changed, removed, in whichever order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.resources.model import Model, ModelInputs

from mlstack.door import VARIABLE
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State
from mlstack.testing import resource_lifecycle
from providers.gcp.tests.strict import Models, serving

NAME = "projects/p/locations/europe-west4/models/net-1"


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[Models]:
    with serving() as (address, held):
        monkeypatch.setenv(VARIABLE, address)
        yield held


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, "urn", "net")


def _inputs(**more: Any) -> dict[str, Any]:
    container = {
        "image": "europe-west4-docker.pkg.dev/p/r/serve:1",
        "predict": "/predict",
        "health": "/health",
        "port": 8080,
        "env": {"A": "1"},
        "command": ["python"],
        "timeout": 600,
        "shared_memory_mb": 64,
        "probes": {"health_probe": {"period_seconds": 5, "http_get": {"path": "/health", "port": 8080}}},
    }
    return {
        "stack_uid": "uid",
        "home": "endpoints/e/blue",
        "project": "p",
        "location": "europe-west4",
        "model_id": "net-1",
        "display_name": "net",
        "uri": "gs://b/net/",
        "container": container,
        "labels": {"mlstack-stack": "uid"},
        "key": "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        **more,
    }


def test_its_life(models: Models, context: Context) -> None:
    changed = {"display_name": "another", "labels": {"mlstack-stack": "uid", "team": "vision"}}
    assert list(resource_lifecycle(Model(), context, _inputs(), changed)) == []
    assert models.held == {}


def test_what_the_platform_is_told(models: Models, context: Context) -> None:
    state = Model().create(context, ModelInputs(**_inputs()))
    assert state == State(f"{NAME}@1", state.inputs, {"name": NAME, "version": "1"})
    held = models.held[NAME]["1"]
    spec = held.container_spec
    assert held.artifact_uri == "gs://b/net"
    assert (spec.predict_route, spec.health_route) == ("/predict", "/health")
    assert spec.ports[0].container_port == 8080
    assert [(each.name, each.value) for each in spec.env] == [("A", "1")]
    assert spec.deployment_timeout.total_seconds() == 600
    assert spec.health_probe.http_get.path == "/health"
    assert held.encryption_spec.kms_key_name.endswith("/k")


def test_other_content_is_another_version_and_a_repeat_is_none(models: Models, context: Context) -> None:
    one = Model().create(context, ModelInputs(**_inputs()))
    two = Model().create(context, ModelInputs(**_inputs(uri="gs://b/other/")))
    again = Model().create(context, ModelInputs(**_inputs()))
    assert (one.id, two.id, again.id) == (f"{NAME}@1", f"{NAME}@2", f"{NAME}@1")
    assert set(models.held[NAME]) == {"1", "2"}


def test_the_first_goes_and_the_default_is_another_then_all_of_it_goes(
    models: Models, context: Context
) -> None:
    one = Model().create(context, ModelInputs(**_inputs()))
    two = Model().create(context, ModelInputs(**_inputs(uri="gs://b/other/")))
    Model().delete(context, one)
    assert list(models.held[NAME]) == ["2"]
    assert "default" in models.held[NAME]["2"].version_aliases
    Model().delete(context, two)
    assert models.held == {}


def test_one_that_is_there_is_imported_with_what_made_it(models: Models, context: Context) -> None:
    made = Model().create(context, ModelInputs(**_inputs(container=_container_without_probes())))
    seen = Model().read(context, State(made.id, {}, {}))
    assert seen is not None
    expected = {**made.inputs, "home": "", "uri": "gs://b/net"}
    assert seen.inputs == expected


def _container_without_probes() -> dict[str, Any]:
    return {**_inputs()["container"], "probes": {}}


def test_a_wrong_probe_is_refused_with_the_platform_s_words(models: Models, context: Context) -> None:
    container = {**_inputs()["container"], "probes": {"health_probe": {"every": 5}}}
    with pytest.raises((ResourceFailed, ValueError), match="every"):
        Model().create(context, ModelInputs(**_inputs(container=container)))


def test_the_name_is_known_before_it_is_there_and_the_version_is_not() -> None:
    context = Context(Path(), "urn", "net")
    assert Model().preview(context, _inputs(), None) == {"name": NAME, "version": UNKNOWN}
    assert Model().preview(context, _inputs(project=UNKNOWN), None)["name"] is UNKNOWN
