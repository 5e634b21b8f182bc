"""Assets that are there already: from what a spec calls them to the id that Azure ML takes."""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_azure import account
from mlstack_azure.place import place


def asset(build: Build, collection: str, given: Any) -> pulumi.Input[str]:
    """The id of a version: of "name:3", "azureml:name:3" or "name" (the latest), each in the stack's
    workspace; ARM ids and ``azureml://`` ids stay as they are. ``collection`` is ARM's word ("models")."""
    found: pulumi.Input[str] = account.lift(given, lambda text: _id(build, collection, text))
    return found


def version(id: pulumi.Input[str]) -> pulumi.Input[str]:
    """The version in an id."""
    found: pulumi.Input[str] = account.segment(id, "versions", "latest")
    return found


def _id(build: Build, collection: str, text: str) -> Any:
    if "/" in text:
        return text
    name, _, version = text.removeprefix("azureml:").partition(":")
    base = pulumi.Output.concat(place(build).workspace_id, f"/{collection}/{name}/versions/")
    return pulumi.Output.concat(base, version or _latest(build, collection, name))


def _latest(build: Build, collection: str, name: str) -> pulumi.Output[str]:
    import pulumi_azure_native.machinelearningservices as ml

    look = {
        "environments": ml.get_environment_container_output,
        "data": ml.get_data_container_output,
        "models": ml.get_model_container_output,
    }[collection]
    where = place(build)
    container: pulumi.Output[Any] = look(
        name=name, resource_group_name=where.resource_group, workspace_name=where.workspace
    )
    found: pulumi.Output[str] = container.apply(
        lambda held: str(getattr(held.properties, "latest_version", None) or "latest")
    )
    return found
