"""What answers in a deployment: a version in Vertex AI's registry, made of a container and a model's files.

mlstack's own server is in the image; it fetches the model from AIP_STORAGE_URI, and code of one's own from
the bucket, so that neither makes a new image. The settings of the spec are its variables
(`mlstack_serving.config`). Secrets are fetched when a container starts (`fetch_secrets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import serving
from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.inline import inline
from mlstack.provider import Build
from mlstack.spec import Deployment, InlineModel
from mlstack.spec.deployment import Probe
from mlstack_gcp import assets, fetch_secrets, images, uploads
from mlstack_gcp.kinds import container
from mlstack_gcp.registered import Container, Registered, existing, register

#: What mlstack's server needs beside a flavor's packages, and what fetches from the bucket.
SERVER = ("uvicorn>=0.30", "httptools>=0.6", "uvloop>=0.19", "gcsfs")
_COMMAND = ("python", "-m", "mlstack_serving")
_PORT = 8080
#: What is said of a container that is made for the deployment.
_CONTAINERS = ("environment", "code", "server", "env", "secrets", "batching", "limits", "probes")


def of(build: Build, name: str, spec: Deployment) -> Registered:
    """The registered version of a deployment; of a model of a registry its own, with its own container."""
    if (given := _source(build, spec)) is not None and given.registry is not None:
        for field in spec.given(_CONTAINERS):
            build.warn(
                f"deployments.{name}.{field}",
                "has no effect: a model of Vertex AI's registry has its container already, with its settings",
            )
        return existing(_uri(build, name, spec))
    if spec.server is not None:
        found, uri = container.of(build, name, spec, lambda: _uri(build, name, spec))
    else:
        found, uri = _served(build, spec, name), _uri(build, name, spec)
    env = {**found.env, **spec.env}
    if spec.secrets:
        wanted = {each: assets.secret_version(build, secret) for each, secret in spec.secrets.items()}
        env[fetch_secrets.VARIABLE] = pulumi.Output.json_dumps(wanted, sort_keys=True)
        found = replace(found, command=(*fetch_secrets.command(), *found.command))
    return register(
        build,
        name,
        container=replace(found, env=env, probes=_probes(spec, found)),
        uri=uri,
        model=spec.model if isinstance(spec.model, str) else None,
    )


def _served(build: Build, spec: Deployment, name: str) -> Container:
    flavor = flavor_of(spec, lambda other: build.spec_of("models", other), build.root)
    env: dict[str, Any] = {
        "MLSTACK_CONTRACT": "vertex",
        "MLSTACK_MODEL_NAME": build.name,
        **serving.settings(spec),
    }
    if spec.code is not None:
        uploaded = uploads.upload(build, spec.code.dir, name, "code")
        env |= {"MLSTACK_CODE": uploaded.uri, "MLSTACK_SCRIPT": spec.code.script}
    elif flavor is not None:
        env["MLSTACK_FLAVOR"] = flavor
    needed = SERVER if spec.environment is not None else (*SERVER, *_packages(build, spec, flavor))
    image = images.serving_image(
        build, spec.environment, needed, suffixes=() if spec.environment else (name,)
    )
    return Container(image, port=_PORT, command=_COMMAND, env=env)


def _packages(build: Build, spec: Deployment, flavor: str | None) -> tuple[str, ...]:
    """What the flavor needs; a model of MLflow names its packages beside its files."""
    if flavor != "mlflow":
        return tuple(PACKAGES.get(flavor or "", ()))
    found = _source(build, spec)
    path = found.path if found is not None else None
    listed = build.root / path / "requirements.txt" if isinstance(path, str) and "://" not in path else None
    lines = listed.read_text().splitlines() if listed is not None and listed.is_file() else []
    return ("mlflow", *(line for line in lines if line and not line.startswith(("#", "-", "mlflow"))))


def _source(build: Build, spec: Deployment) -> Any:
    """The model's own spec; None where code or a container brings it."""
    if spec.model is None:
        return None
    return spec.model if isinstance(spec.model, InlineModel) else build.spec_of("models", str(spec.model))


def _uri(build: Build, name: str, spec: Deployment) -> Any:
    """``gs://`` folder of the model's files; None where code brings it."""
    if spec.model is None:
        return None
    if not isinstance(spec.model, InlineModel):
        return assets.model_uri(build, spec.model)
    from mlstack_gcp.kinds.model import build as build_model

    return build_model(inline(build, name, spec.model))["uri"]


def _probes(spec: Deployment, found: Container) -> dict[str, Mapping[str, Any]]:
    """By the field of the container's message. Source: Probe of google.cloud.aiplatform.v1."""
    if spec.probes is None:
        return {}
    given = {"health_probe": spec.probes.ready, "liveness_probe": spec.probes.live}
    return {field: _probe(probe, found) for field, probe in given.items() if probe is not None}


def _probe(probe: Probe, found: Container) -> dict[str, Any]:
    values = {
        "initial_delay_seconds": probe.initial_delay,
        "period_seconds": probe.period,
        "timeout_seconds": probe.timeout,
        "failure_threshold": probe.failures,
    }
    return {
        "http_get": {"path": probe.path or found.health, "port": found.port},
        **{field: round(value) for field, value in values.items() if value is not None},
    }
