"""What the resources of an endpoint have in common: looking at it, changes that it may be too busy for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlstack.resource import Context
from mlstack_gcp import cloud
from mlstack_gcp.cloud import CloudFailure

#: Another change of the endpoint is under way, or it was changed since it was read.
_BUSY = frozenset({"ABORTED"})
_PATIENCE = 900.0


def region(name: str) -> str:
    """The region in a full name (``projects/…/locations/REGION/…``)."""
    return name.partition("/locations/")[2].partition("/")[0]


def client(name: str) -> Any:
    """The client for endpoints, in the region of a full name."""
    return cloud.client("Endpoint", region(name))


def find(name: str) -> Any:
    """The endpoint (a message of google.cloud.aiplatform.v1); None where it is gone."""
    try:
        with cloud.told(f"looking at {name}"):
            return client(name).get_endpoint(name=name)
    except CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def change(context: Context, call: Callable[[], Any], what: str, *, longest: float | None = None) -> None:
    """A change of an endpoint, to its end; asked for again while something else changes it.

    ``call`` returns a long-running operation, or what is done already.
    """

    def begun() -> tuple[Any] | None:
        try:
            with cloud.told(what):
                return (call(),)
        except CloudFailure as failure:
            if failure.reason not in _BUSY:
                raise
            return None

    (operation,) = cloud.wait(context, begun, f"{what} (the endpoint is busy)", longest=_PATIENCE)
    if hasattr(operation, "done"):
        cloud.finish(context, operation, what, longest=longest)


def same(real: str | None, wanted: str | None) -> str | None:
    """A full name as it was given, where the real one differs in how it writes the project alone."""
    if real and wanted and real.split("/")[2:] == wanted.split("/")[2:]:
        return wanted
    return real


def machine(spec: Any) -> dict[str, Any]:
    """A MachineSpec as plain data, with what is set of it."""
    found: dict[str, Any] = {"machine_type": spec.machine_type}
    if spec.accelerator_count:
        found["accelerator_type"] = spec.accelerator_type.name
        found["accelerator_count"] = spec.accelerator_count
    return found
