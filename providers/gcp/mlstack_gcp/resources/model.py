"""``mlstack:gcp:Model``: a version of a model in Vertex AI's registry.

What the registry knows it by is an alias made of its content, so that a version which a killed run made is
found again; the number that the platform gives it is an output.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack.content import fingerprint
from mlstack.errors import TargetError
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State
from mlstack_gcp.cloud import CloudFailure, client, finish, present, told

#: The alias of the version that is meant when none is named: there always is one.
DEFAULT = "default"
#: What is changed in place; all else is another version.
IN_PLACE = ("display_name", "labels")

#: Versions of one model are made and removed one after another: the first makes it, the last takes it along.
_LOCKS: dict[str, threading.Lock] = defaultdict(threading.Lock)


class ContainerInputs(BaseModel):
    """As `mlstack_gcp.registered.Container`."""

    model_config = ConfigDict(extra="forbid")

    image: str
    predict: str = ""
    invoke: str = ""
    health: str
    port: int
    command: list[str] = Field(default_factory=list)
    args: list[str] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict)
    timeout: int | None = None
    probes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    shared_memory_mb: int | None = None

    def message(self) -> dict[str, Any]:
        """The message ModelContainerSpec."""
        found: dict[str, Any] = {
            "image_uri": self.image,
            "health_route": self.health,
            "ports": [{"container_port": self.port}],
            "command": self.command,
            "args": self.args,
            "env": [{"name": name, "value": value} for name, value in sorted(self.env.items())],
            **self.probes,
        }
        if self.predict:
            found["predict_route"] = self.predict
        if self.invoke:
            found["invoke_route_prefix"] = self.invoke
        if self.timeout is not None:
            found["deployment_timeout"] = {"seconds": self.timeout}
        if self.shared_memory_mb is not None:
            found["shared_memory_size_mb"] = self.shared_memory_mb
        return found


class ModelInputs(Inputs):
    """``home``: what it is registered for; two of one content are two versions. ``uri``: of its files."""

    stack_uid: str
    home: str
    project: str
    location: str
    model_id: str
    display_name: str
    uri: str = ""
    container: ContainerInputs
    labels: dict[str, str] = Field(default_factory=dict)
    key: str = ""

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def name(self) -> str:
        return f"{self.parent}/models/{self.model_id}"

    @property
    def alias(self) -> str:
        held = self.model_dump(exclude={*IN_PLACE})
        return f"m{fingerprint(json.dumps(held, sort_keys=True))}"


class Model(Resource[ModelInputs]):
    """Outputs: ``name`` (``projects/…/models/ID``) and ``version``."""

    Inputs = ModelInputs
    replace_on = frozenset(ModelInputs.model_fields) - frozenset(IN_PLACE)

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        parts = [inputs.get(key) for key in ("project", "location", "model_id")]
        version = old.outputs.get("version", UNKNOWN) if old is not None else UNKNOWN
        if UNKNOWN in parts:
            return {"name": UNKNOWN, "version": version}
        return {"name": "projects/{}/locations/{}/models/{}".format(*parts), "version": version}

    def create(self, context: Context, inputs: ModelInputs) -> State:
        with present(), _LOCKS[inputs.name]:
            found = _get(inputs.location, f"{inputs.name}@{inputs.alias}")
            if found is None:
                found = self._uploaded(context, inputs)
        return _state(inputs, str(found.version_id))

    def _uploaded(self, context: Context, inputs: ModelInputs) -> Any:
        there = _get(inputs.location, inputs.name) is not None
        model: dict[str, Any] = {
            "display_name": inputs.display_name,
            "version_aliases": [inputs.alias],
            "container_spec": inputs.container.message(),
            "labels": inputs.labels,
        }
        if inputs.uri:
            model["artifact_uri"] = inputs.uri.rstrip("/")
        if inputs.key:
            model["encryption_spec"] = {"kms_key_name": inputs.key}
        request = {"parent": inputs.parent, "model": model}
        request |= {"parent_model": inputs.name} if there else {"model_id": inputs.model_id}
        what = f"upload of the model {inputs.model_id}"
        with told(what):
            operation = client("Model", inputs.location).upload_model(request=request)
        finish(context, operation, what)
        found = _get(inputs.location, f"{inputs.name}@{inputs.alias}")
        if found is None:
            raise TargetError(
                f"the model {inputs.model_id} was uploaded, and is not there",
                category="transient",
                remedy="run the same command again",
            )
        return found

    def read(self, context: Context, state: State) -> State | None:
        with present():
            found = _get(_location(state.id), state.id)
        if found is None:
            return None
        name, _, version = state.id.partition("@")
        inputs = dict(state.inputs) or _imported(name, found)
        inputs |= {"display_name": found.display_name, "labels": dict(found.labels)}
        return State(state.id, inputs, {"name": name, "version": str(found.version_id) or version})

    def update(self, context: Context, state: State, inputs: ModelInputs) -> Properties:
        changed = {"name": state.id, "display_name": inputs.display_name, "labels": inputs.labels}
        with present(), told(f"update of the model {inputs.model_id}"):
            client("Model", inputs.location).update_model(
                request={"model": changed, "update_mask": {"paths": list(IN_PLACE)}}
            )
        return state.outputs

    def delete(self, context: Context, state: State) -> None:
        name, _, version = state.id.partition("@")
        location = _location(name)
        with present(), _LOCKS[name]:
            held = _versions(location, name)
            ours = next((each for each in held if each.version_id == version), None)
            if ours is None:
                return
            others = [each for each in held if each is not ours]
            what = f"removal of the model {state.id}"
            with told(what):
                models = client("Model", location)
                if others and DEFAULT in ours.version_aliases:
                    newest = max(others, key=lambda each: int(each.version_id))
                    models.merge_version_aliases(
                        name=f"{name}@{newest.version_id}", version_aliases=[DEFAULT]
                    )
                if others:
                    operation = models.delete_model_version(name=state.id)
                else:
                    operation = models.delete_model(name=name)
            finish(context, operation, what)

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = ModelInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        with present():
            found = _get(given.location, f"{given.name}@{given.alias}")
        return None if found is None else _state(given, str(found.version_id))


def _get(location: str, name: str) -> Any:
    """The model or version; None where there is none."""
    try:
        with told(name):
            return client("Model", location).get_model(name=name)
    except CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def _versions(location: str, name: str) -> list[Any]:
    try:
        with told(name):
            return list(client("Model", location).list_model_versions(name=name))
    except CloudFailure as failure:
        if failure.status == 404:
            return []
        raise


def _state(inputs: ModelInputs, version: str) -> State:
    return State(f"{inputs.name}@{version}", inputs.model_dump(), {"name": inputs.name, "version": version})


def _location(name: str) -> str:
    return name.split("/")[3]


def _imported(name: str, found: Any) -> dict[str, Any]:
    """The inputs that would make a version which somebody else has made."""
    spec = found.container_spec
    container = ContainerInputs(
        image=spec.image_uri,
        predict=spec.predict_route,
        invoke=spec.invoke_route_prefix,
        health=spec.health_route,
        port=spec.ports[0].container_port if spec.ports else 8080,
        command=list(spec.command),
        args=list(spec.args),
        env={each.name: each.value for each in spec.env},
        timeout=int(spec.deployment_timeout.total_seconds()) or None,
        shared_memory_mb=spec.shared_memory_size_mb or None,
    )
    _, project, _, location, _, model_id = name.split("/")
    return {
        "stack_uid": found.labels.get("mlstack-stack", ""),
        "home": "",
        "project": project,
        "location": location,
        "model_id": model_id,
        "uri": found.artifact_uri,
        "container": container.model_dump(),
        "key": found.encryption_spec.kms_key_name,
    }
