"""What azure-ai-ml would send: its own loader and its own way to the REST body, for a CLI v2 YAML document.

Nothing is sent. References are ARM ids in the documents ("azureml:/subscriptions/…"), because resolving names
is the one step that azure-ai-ml does over the network; what it does with an id, `_resolved` does as well.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LOCATION = "westeurope"
SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"
RESOURCE_GROUP = "ml-prod"
_PREFIX = "azureml:/"

Body = dict[str, Any]


def body(kind: str, document: Mapping[str, Any], folder: Path) -> Body:
    """The ARM body that azure-ai-ml makes of the YAML document. ``kind`` is a key of `KINDS`.

    Raises what azure-ai-ml raises for a document that it does not take.
    """
    job = document.get("create_job")
    if isinstance(job, Mapping) and job.keys() & {
        "jobs",
        "component",
    }:  # the CLI takes a pipeline's own YAML by its path alone
        document = {**document, "create_job": str(_write(folder / "pipeline.yml", job))}
    file = _write(folder / f"{kind}.yml", document)
    with _quiet():
        made = KINDS[kind](file)
    return _resolved(_wire(made))


def _write(file: Path, document: Mapping[str, Any]) -> Path:
    with file.open("w") as stream:
        YAML().dump(_plain(document), stream)
    return file


def _online_endpoint(file: Path) -> Any:
    from azure.ai.ml import load_online_endpoint

    return load_online_endpoint(file)._to_rest_online_endpoint(location=LOCATION)


def _traffic(file: Path) -> Any:
    """The two properties of an endpoint that are set when there are deployments to name."""
    properties = _wire(_online_endpoint(file))["properties"]
    return {key: properties.get(key) for key in ("traffic", "mirrorTraffic")}


def _online_deployment(file: Path) -> Any:
    from azure.ai.ml import load_online_deployment

    return load_online_deployment(file)._to_rest_object(location=LOCATION)


def _batch_endpoint(file: Path) -> Any:
    from azure.ai.ml import load_batch_endpoint

    return load_batch_endpoint(file)._to_rest_batch_endpoint(location=LOCATION)


def _batch_deployment(file: Path) -> Any:
    from azure.ai.ml.entities._load_functions import load_model_batch_deployment

    return load_model_batch_deployment(file)._to_rest_object(location=LOCATION)


def _pipeline_deployment(file: Path) -> Any:
    from azure.ai.ml.entities._load_functions import load_pipeline_component_batch_deployment

    return load_pipeline_component_batch_deployment(file)._to_rest_object(location=LOCATION)


def _compute(file: Path) -> Any:
    from azure.ai.ml import load_compute

    made = load_compute(file)
    if hasattr(made, "_set_full_subnet_name"):  # as its client does before it sends it
        made._set_full_subnet_name(SUBSCRIPTION, RESOURCE_GROUP)
    return made._to_rest_object()


def _environment(file: Path) -> Any:
    from azure.ai.ml import load_environment

    return load_environment(file)._to_rest_object()


def _data(file: Path) -> Any:
    from azure.ai.ml import load_data

    return load_data(file)._to_rest_object()


def _datastore(file: Path) -> Any:
    from azure.ai.ml import load_datastore

    return load_datastore(file)._to_rest_object()


def _model(file: Path) -> Any:
    from azure.ai.ml import load_model

    return load_model(file)._to_rest_object()


def _job(file: Path) -> Any:
    """A command job comes out of the loader as a step of a pipeline; as azure-ai-ml itself does before it
    sends it, it is made a job again."""
    from azure.ai.ml import load_job
    from azure.ai.ml.entities._builders import BaseNode

    job = load_job(file)
    return (job._to_job() if isinstance(job, BaseNode) else job)._to_rest_object()


def _component(file: Path) -> Any:
    from azure.ai.ml import load_component

    return load_component(file)._to_rest_object()


def _schedule(file: Path) -> Any:
    from azure.ai.ml.entities._load_functions import load_schedule

    return load_schedule(file)._to_rest_object()


def _workspace(file: Path) -> Any:
    """azure-ai-ml creates a workspace by a template, which says more than its REST object: the key of one's
    own (arm_templates/workspace_base.json, "encryption")."""
    from azure.ai.ml import load_workspace

    made = load_workspace(file)
    body = _wire(made._to_rest_object())
    if (key := made.customer_managed_key) is not None:
        held = {"keyVaultArmId": key.key_vault, "keyIdentifier": key.key_uri}
        body["properties"]["encryption"] = {"status": "Enabled", "keyVaultProperties": held}
    return body


def _registry(file: Path) -> Any:
    from azure.ai.ml import load_registry

    return load_registry(file)._to_rest_object()


def _connection(file: Path) -> Any:
    from azure.ai.ml.entities._load_functions import load_connection

    return load_connection(file)._to_rest_object()


KINDS: Mapping[str, Callable[[Path], Any]] = {
    "workspace": _workspace,
    "registry": _registry,
    "connection": _connection,
    "compute": _compute,
    "environment": _environment,
    "data": _data,
    "datastore": _datastore,
    "model": _model,
    "online_endpoint": _online_endpoint,
    "traffic": _traffic,
    "online_deployment": _online_deployment,
    "batch_endpoint": _batch_endpoint,
    "batch_deployment": _batch_deployment,
    "pipeline_deployment": _pipeline_deployment,
    "job": _job,
    "component": _component,
    "schedule": _schedule,
}
"""Kinds of CLI v2 documents. A monitor is a schedule there, a pipeline job is a job."""


def _wire(made: Any) -> Body:
    """As JSON would have it on the wire; azure-ai-ml has models of two generations."""
    if getattr(made, "_is_model", False) is True:
        plain = made.as_dict()
    elif hasattr(made, "serialize"):
        plain = made.serialize()
    else:
        plain = made
    return dict(json.loads(json.dumps(plain, default=_nested)))


def _nested(item: Any) -> Any:
    if hasattr(item, "as_dict"):
        return item.as_dict()
    if hasattr(item, "serialize"):
        return item.serialize()
    raise TypeError(f"azure-ai-ml sends a {type(item).__name__}")


def _resolved(value: Any) -> Any:
    """Ids as they are sent: azure-ai-ml resolves "azureml:/subscriptions/…" to the id, but for the
    specification of a component, which is the YAML as it stands."""
    if isinstance(value, dict):
        return {key: item if key == "componentSpec" else _resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    if isinstance(value, str) and value.startswith(f"{_PREFIX}subscriptions"):
        return value.removeprefix("azureml:")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@contextmanager
def _quiet() -> Iterator[None]:
    """azure-ai-ml warns of what is experimental each time it is used."""
    import logging

    logging.getLogger("azure.ai.ml").setLevel(logging.ERROR)
    logging.getLogger("azure.ai.ml._utils._experimental").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
