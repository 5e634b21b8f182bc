"""Builds of images.

What replaces: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/codebuild_project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from mlstack_aws.rehearsal import shapes
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class Project(Adapter):
    type = "aws:codebuild/project:Project"
    replaces = frozenset({"name"})
    whole: ClassVar[frozenset[str]] = frozenset({"tags"})
    names: ClassVar = {
        "buildTimeout": "timeoutInMinutes",
        "queuedTimeout": "queuedTimeoutInMinutes",
        "cloudwatchLogs": "cloudWatchLogs",
        "s3Logs": "s3Logs",
    }

    def _given(self, inputs: Properties) -> dict[str, Any]:
        shape = shapes.parameters_of("codebuild", "CreateProject")
        given = {key: value for key, value in inputs.items() if key not in ("tags", "region", "badgeEnabled")}
        made: dict[str, Any] = shapes.forward(shape, given, self.names)
        if (made.get("source") or {}).get("type") == "NO_SOURCE":
            made["source"].setdefault("location", "none/none")  # moto wants one all the same
        if isinstance(inputs.get("tags"), dict):
            made["tags"] = tags_list(inputs["tags"], "key", "value")
        return made

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "codebuild", "CreateProject", self._given(inputs)

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws("codebuild", "create_project", **self._given(inputs))["project"]
        self._keep(aws, inputs)
        return str(told.get("arn") or aws.arn("codebuild", f"project/{inputs['name']}"))

    def _keep(self, aws: Aws, inputs: Properties) -> None:
        # moto has no UpdateProject and leaves out what it does not use
        kept = {key: value for key, value in inputs.items() if key != "region"}
        aws.cloud.world.put(f"aws/codebuild/{aws.region}/{inputs['name']}", "project", kept)

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        name = id.rpartition("/")[2]
        told = aws("codebuild", "batch_get_projects", names=[name])["projects"]
        if not told:
            return None
        kept = aws.cloud.world.get(f"aws/codebuild/{aws.region}/{name}") or {}
        tags = kept.get("tags") or tags_map(told[0].get("tags"))
        arn = aws.arn("codebuild", f"project/{name}")
        return {
            **kept,
            "name": name,
            "arn": arn,
            "badgeUrl": "",
            "publicProjectAlias": "",
            "tags": tags,
            "tagsAll": tags,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        name = id.rpartition("/")[2]
        aws("codebuild", "delete_project", name=name)
        self.create(aws, {**new, "name": name})

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        name = id.rpartition("/")[2]
        aws("codebuild", "delete_project", name=name)
        aws.cloud.world.remove(f"aws/codebuild/{aws.region}/{name}")


ADAPTERS = (Project(),)
