"""Assets that are there already: from what a spec calls them to the id that Azure ML takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_azure import account
from mlstack_azure.place import place

_NOT_THERE = re.compile(r"Status=404|NotFound|was not found|could not be found", re.IGNORECASE)


def asset(build: Build, collection: str, given: Any, field: str) -> pulumi.Input[str]:
    """The id of a version: of "name:3", "azureml:name:3" or "name" (the latest), each in the stack's
    workspace; ARM ids and ``azureml://`` ids stay as they are. ``collection`` is ARM's word ("models"),
    ``field`` the one of the spec that names it. SpecError: it is not there."""
    found: pulumi.Input[str] = account.lift(given, lambda text: _id(build, collection, text, field))
    return found


def version(id: pulumi.Input[str]) -> pulumi.Input[str]:
    """The version in an id."""
    found: pulumi.Input[str] = account.segment(id, "versions", "latest")
    return found


def look(build: Build, function: str, arguments: Mapping[str, Any], field: str, missing: str) -> Any:
    """What one of the SDK's functions ("get_workspace") finds, as an Output.

    Where the arguments are plain it is asked at once, so that what is not there is told at its place in the
    spec: SpecError, with what ``missing`` says.
    """
    import pulumi_azure_native.machinelearningservices as ml

    if not all(isinstance(value, str) for value in arguments.values()):
        return getattr(ml, f"{function}_output")(**arguments)
    try:
        return pulumi.Output.from_input(getattr(ml, function)(**arguments))
    except Exception as error:  # the SDK has no narrower one
        if not _NOT_THERE.search(str(error)):
            return getattr(ml, f"{function}_output")(**arguments)  # fails again, in the engine's own words
        remedy = "mend its name, or make it there first: what exists already is only used"
        raise build.wrong(field, f"{missing} was not found", remedy, code="not-there") from error


def _id(build: Build, collection: str, text: str, field: str) -> Any:
    if "/" in text:
        return text
    name, _, version = text.removeprefix("azureml:").partition(":")
    base = pulumi.Output.concat(place(build).workspace_id, f"/{collection}/{name}/versions/")
    return pulumi.Output.concat(base, version or _latest(build, collection, name, field))


def _latest(build: Build, collection: str, name: str, field: str) -> pulumi.Output[str]:
    where = place(build)
    container: pulumi.Output[Any] = look(
        build,
        {
            "environments": "get_environment_container",
            "data": "get_data_container",
            "models": "get_model_container",
        }[collection],
        {"name": name, "resource_group_name": where.resource_group, "workspace_name": where.workspace},
        field,
        f"{name!r} among the {collection} of the workspace",
    )
    found: pulumi.Output[str] = container.apply(
        lambda held: str(getattr(held.properties, "latest_version", None) or "latest")
    )
    return found
