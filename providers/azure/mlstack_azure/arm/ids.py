"""ARM ids, taken apart. Azure compares them without regard to case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlstack.errors import UsageError

_WORKSPACE = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<name>[^/]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Workspace:
    """A workspace of Azure Machine Learning. ``id`` is its ARM id."""

    subscription: str
    group: str
    name: str

    @classmethod
    def of(cls, id: str) -> Workspace:
        """The workspace that an ARM id names, or lies in. Raises UsageError."""
        found = _WORKSPACE.match(id)
        if found is None:
            raise UsageError(
                f"{id!r} is not the ARM id of a workspace, or of something in one",
                remedy="it begins /subscriptions/…/resourceGroups/…/providers/"
                "Microsoft.MachineLearningServices/workspaces/…",
            )
        return cls(**found.groupdict())

    @property
    def id(self) -> str:
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"
        )

    def datastore_uri(self, datastore: str, path: str) -> str:
        """How Azure ML writes a place in one of its datastores."""
        return (
            f"azureml://subscriptions/{self.subscription}/resourcegroups/{self.group}"
            f"/workspaces/{self.name}/datastores/{datastore}/paths/{path}"
        )


def last(id: str) -> str:
    """The last part of an id: the resource's own name."""
    return id.rstrip("/").rsplit("/", 1)[-1]


def parent(id: str) -> str:
    """The id of what a child resource lies in: two parts less."""
    return id.rstrip("/").rsplit("/", 2)[0]


def segment(id: str, kind: str) -> str | None:
    """The name that follows a type in an id (``segment(id, "onlineEndpoints")``); None without one."""
    parts = id.strip("/").split("/")
    for at, part in enumerate(parts[:-1]):
        if part.lower() == kind.lower():
            return parts[at + 1]
    return None
