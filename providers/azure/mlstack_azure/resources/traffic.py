"""``mlstack:azure:Traffic``: how an endpoint's requests are shared out, set once its deployments are there.

An endpoint is made before its deployments, and can name none of them then. So pulumi-azure-native makes it
without traffic, and this resource says it afterwards. The platform has no PATCH for that: the whole document
is read, changed and put back, with the tag of what was read where it has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from mlstack.resource import Context, InputProblem, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_azure.arm import Arm, last, present, segment
from mlstack_azure.arm.client import Document, Transport
from mlstack_azure.arm.failures import HttpFailure

#: What may be written; the rest of a document is the platform's to say.
_WRITABLE = frozenset({"location", "tags", "kind", "identity", "sku", "properties"})
_ONLINE = frozenset(
    {"authMode", "compute", "description", "mirrorTraffic", "properties", "publicNetworkAccess", "traffic"}
)
_BATCH = frozenset({"authMode", "defaults", "description", "properties"})
#: An endpoint that is worked on refuses changes; it is asked again so often, with this pause.
_ATTEMPTS, _PAUSE = 60, 10.0
_MIRRORED_MOST = 50


class TrafficInputs(Inputs):
    """``traffic`` and ``mirror`` are percentages by the deployments' names on Azure.

    ``stamp``: any text that changes when the endpoint itself is put anew, which takes its traffic away.
    """

    endpoint_id: str
    traffic: dict[str, int]
    mirror: dict[str, int] = Field(default_factory=dict)
    stamp: str = ""


class Traffic(Resource[TrafficInputs]):
    """No outputs. Of a batch endpoint the deployment with all the traffic becomes its default.

    ``delete`` takes the traffic away, since a deployment that has some cannot be deleted; where the endpoint
    is gone or going it does nothing.
    """

    Inputs = TrafficInputs
    replace_on = frozenset({"endpoint_id"})
    read_always = True

    def check(self, context: Context, inputs: TrafficInputs) -> None:
        batch = _is_batch(inputs.endpoint_id)
        if sum(inputs.traffic.values()) not in (0, 100):
            raise InputProblem("traffic", f"sums to {sum(inputs.traffic.values())}, not to 100")
        if batch and inputs.mirror:
            raise InputProblem("mirror", "a batch endpoint mirrors nothing")
        if batch and sorted(inputs.traffic.values())[:-1] not in ([], [0] * (len(inputs.traffic) - 1)):
            raise InputProblem(
                "traffic", "a batch endpoint has one default deployment: give it 100, others 0"
            )
        if len(inputs.mirror) > 1:
            raise InputProblem("mirror", "Azure mirrors to one deployment of an endpoint, not more")
        for name, share in inputs.mirror.items():
            if share > _MIRRORED_MOST:
                raise InputProblem(f"mirror.{name}", f"Azure mirrors {_MIRRORED_MOST} % at most")
            if inputs.traffic.get(name):
                raise InputProblem(f"mirror.{name}", "a deployment has traffic or is mirrored to, not both")

    def create(self, context: Context, inputs: TrafficInputs) -> State:
        with present(context.cancelled) as arm:
            _change(arm, inputs.endpoint_id, inputs.traffic, inputs.mirror, context)
        return State(_id(inputs.endpoint_id), inputs.model_dump(), {})

    def read(self, context: Context, state: State) -> State | None:
        endpoint = state.id.removesuffix("/traffic")
        with present(context.cancelled) as arm:
            found = arm.find(endpoint)
        if found is None:
            return None
        traffic, mirror = _shares(found)
        wanted = state.inputs.get("traffic") or {}
        mirrored = state.inputs.get("mirror") or {}
        inputs = {
            "endpoint_id": state.inputs.get("endpoint_id") or endpoint,
            # one that gets nothing may be left out by the platform, or told with 0: that is the same
            "traffic": _as_wanted(traffic, wanted),
            "mirror": _as_wanted(mirror, mirrored),
            "stamp": state.inputs.get("stamp") or "",
        }
        return State(state.id, inputs, {})

    def delete(self, context: Context, state: State) -> None:
        with present(context.cancelled) as arm:
            endpoint = state.id.removesuffix("/traffic")
            found = arm.find(endpoint)
            if found is None or _state(found) == "deleting":
                return
            _change(arm, endpoint, {}, {}, context)

    def find(self, context: Context, inputs: Properties) -> State | None:
        id = _id(inputs["endpoint_id"])
        found = self.read(context, State(id, inputs, {}))
        return found if found and any(found.inputs["traffic"].values()) else None


def _id(endpoint: str) -> str:
    return f"{endpoint}/traffic"


def _is_batch(id: str) -> bool:
    return segment(id, "batchEndpoints") is not None


def _state(document: Mapping[str, Any]) -> str:
    return str(document["properties"].get("provisioningState") or "").lower()


def _shares(document: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    properties = document["properties"]
    if _is_batch(document.get("id") or "") or "defaults" in properties:
        name = (properties.get("defaults") or {}).get("deploymentName")
        return ({name: 100} if name else {}), {}
    return dict(properties.get("traffic") or {}), dict(properties.get("mirrorTraffic") or {})


def _as_wanted(real: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    idle = {name: 0 for name, share in wanted.items() if not share}
    return {**idle, **{name: share for name, share in real.items() if share or name in wanted}}


def _change(
    arm: Arm, endpoint: str, traffic: Mapping[str, int], mirror: Mapping[str, int], context: Context
) -> None:
    """Bring it about, however often somebody else changes the endpoint in between."""
    for attempt in range(_ATTEMPTS):
        document, etag = arm.etag(endpoint)
        state = _state(document)
        if _same(document, traffic, mirror) and state not in ("updating", "creating"):
            return
        if state == "failed" and attempt == 0:
            context.log(
                f"the endpoint {last(endpoint)} is in a failed state; setting its traffic may mend it"
            )
        try:
            if state not in ("updating", "creating", "deleting"):
                arm.put(endpoint, _wanted(document, traffic, mirror), etag=etag)
                return
        except HttpFailure as failure:
            if failure.status not in (409, 412):
                raise
        if attempt == 0:
            context.log(f"waiting for {last(endpoint)}, which is being changed")
        Transport(arm.cancelled).sleep(0.05 if arm.cloud.emulated else _PAUSE)
    raise ResourceFailed(
        f"the endpoint {last(endpoint)} was being changed by something else all the time",
        remedy="run the same command again when that is over",
        category="conflict",
    )


def _same(document: Document, traffic: Mapping[str, int], mirror: Mapping[str, int]) -> bool:
    shared, mirrored = _shares(document)
    return _given(shared) == _given(traffic) and _given(mirrored) == _given(mirror)


def _given(shares: Mapping[str, int]) -> dict[str, int]:
    return {name: share for name, share in shares.items() if share}


def _wanted(document: Document, traffic: Mapping[str, int], mirror: Mapping[str, int]) -> Document:
    batch = _is_batch(document.get("id") or "") or "defaults" in document["properties"]
    writable = _BATCH if batch else _ONLINE
    properties = {key: value for key, value in document["properties"].items() if key in writable}
    if batch:
        default = next(iter(_given(traffic)), None)
        properties["defaults"] = {"deploymentName": default}
    else:
        properties |= {"traffic": dict(traffic), "mirrorTraffic": dict(mirror)}
    kept = {key: value for key, value in document.items() if key in _WRITABLE and value is not None}
    identity = kept.get("identity")
    if isinstance(identity, dict):  # principal and tenant are told, not asked
        kept["identity"] = {
            key: {user: {} for user in value} if key == "userAssignedIdentities" and value else value
            for key, value in identity.items()
            if key in ("type", "userAssignedIdentities")
        }
    return {**kept, "properties": properties}
