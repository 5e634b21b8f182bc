"""``mlstack:gcp:Traffic``: how an endpoint's requests are shared out, set once its deployments are there.

A split names deployed models, and those need the endpoint; so pulumi-gcp makes the endpoint without one, and
this resource says it afterwards. It is written whole, in one request: it sums to 100 at any time, and what
is to go has no request left before it goes. The endpoint's timeout is set here too, which pulumi-gcp does
not know.

Source: Endpoint, UpdateEndpointRequest and UpdateEndpointLongRunningRequest (which changes the client's
connection and nothing else) of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.resource import Context, InputProblem, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_gcp import cloud
from mlstack_gcp.resources import endpoints


class TrafficInputs(Inputs):
    """``traffic``: percentages by deployed-model id. ``timeout``: seconds for an answer, None: the usual."""

    endpoint: str
    traffic: dict[str, int]
    timeout: float | None = None


class Traffic(Resource[TrafficInputs]):
    """No outputs. ``delete`` takes the traffic away; where the endpoint is gone it does nothing."""

    Inputs = TrafficInputs
    replace_on = frozenset({"endpoint"})
    read_always = True

    def check(self, context: Context, inputs: TrafficInputs) -> None:
        if any(share < 0 for share in inputs.traffic.values()):
            raise InputProblem("traffic", "has a share below 0")
        if sum(inputs.traffic.values()) not in (0, 100):
            raise InputProblem("traffic", f"sums to {sum(inputs.traffic.values())}, not to 100")

    def create(self, context: Context, inputs: TrafficInputs) -> State:
        with cloud.present():
            _share_out(context, inputs.endpoint, inputs.traffic)
            _wait_at_most(context, inputs.endpoint, inputs.timeout)
        return State(_id(inputs.endpoint), inputs.model_dump(), {})

    def read(self, context: Context, state: State) -> State | None:
        endpoint = state.id.removesuffix("/traffic")
        with cloud.present():
            found = endpoints.find(endpoint)
        if found is None:
            return None
        wanted = state.inputs.get("traffic") or {}
        inputs = {
            "endpoint": endpoint,
            # one that gets nothing is left out by the platform: that is the same
            "traffic": {
                **{id: 0 for id, share in wanted.items() if not share},
                **_given(found.traffic_split),
            },
            "timeout": _timeout(found),
        }
        return State(state.id, inputs, {})

    def delete(self, context: Context, state: State) -> None:
        endpoint = state.id.removesuffix("/traffic")
        with cloud.present():
            if endpoints.find(endpoint) is not None:
                _share_out(context, endpoint, {})

    def find(self, context: Context, inputs: Properties) -> State | None:
        found = self.read(context, State(_id(inputs["endpoint"]), inputs, {}))
        return found if found and any(found.inputs["traffic"].values()) else None


def _id(endpoint: str) -> str:
    return f"{endpoint}/traffic"


def _given(shares: Mapping[str, int]) -> dict[str, int]:
    return {id: share for id, share in shares.items() if share}


def _timeout(endpoint: Any) -> float | None:
    seconds = endpoint.client_connection_config.inference_timeout.total_seconds()
    return float(seconds) or None


def _held(endpoint: str) -> Any:
    found = endpoints.find(endpoint)
    if found is None:
        raise ResourceFailed(
            f"the endpoint {endpoint} is gone",
            remedy="run `mlstack refresh`, then the same command again: it is made anew",
            category="conflict",
        )
    return found


def _share_out(context: Context, name: str, traffic: Mapping[str, int]) -> None:
    from google.cloud.aiplatform_v1.types import Endpoint

    wanted = _given(traffic)

    def call() -> Any:
        found = _held(name)
        if dict(found.traffic_split) == wanted:
            return found
        strangers = set(wanted) - {each.id for each in found.deployed_models}
        if strangers:
            raise ResourceFailed(
                f"{', '.join(sorted(strangers))} shall get requests, and is not deployed to {name}",
                remedy="run `mlstack refresh`, then the same command again: it is deployed anew",
                category="conflict",
            )
        return endpoints.client(name).update_endpoint(
            endpoint=Endpoint(name=name, traffic_split=wanted, etag=found.etag),
            update_mask={"paths": ["traffic_split"]},
        )

    endpoints.change(context, call, f"sharing out the requests of {name}")


def _wait_at_most(context: Context, name: str, timeout: float | None) -> None:
    from google.cloud.aiplatform_v1.types import Endpoint

    if _timeout(_held(name)) == timeout:
        return
    duration = {} if timeout is None else {"inference_timeout": {"seconds": int(timeout)}}
    endpoints.change(
        context,
        lambda: endpoints.client(name).update_endpoint_long_running(
            endpoint=Endpoint(name=name, client_connection_config=duration)
        ),
        f"setting the timeout of {name}",
    )
