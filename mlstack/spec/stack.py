"""The stack: all that one spec says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field, PrivateAttr

from mlstack.spec.base import Spec, Tags
from mlstack.spec.budget import Budget
from mlstack.spec.candidates import Cloud, Region
from mlstack.spec.compute import Compute
from mlstack.spec.data import Data
from mlstack.spec.endpoint import Endpoint
from mlstack.spec.environment import Environment
from mlstack.spec.job import Job
from mlstack.spec.model import Model
from mlstack.spec.monitor import Monitor
from mlstack.spec.notification import Notification
from mlstack.spec.pipeline import Pipeline
from mlstack.spec.schedule import Schedule
from mlstack.spec.secret import Secret
from mlstack.spec.text import Name
from mlstack.spec.workspace import Workspace

Place = tuple[str | None, int | None, int | None]


class Source(Protocol):
    """The text that a stack was read from."""

    @property
    def root(self) -> Path: ...

    def locate(self, path: Sequence[str | int], /) -> Place: ...


class Stack(Spec):
    """A whole spec: where, and which resources of each kind, by name."""

    version: Literal[1] = Field(default=1, description="Version of this vocabulary. Left out: 1.")
    name: Name = Field(description="Name of the project: it is part of every resource's name. Required.")
    cloud: Cloud = Field(
        default="local",
        description="The target, or a list of candidates for placement. Left out: local, this machine.",
    )
    region: Region | None = Field(
        default=None,
        description="The cloud's own id of a region, or a list of candidates. Left out: the one of the "
        "settings or of "
        "the cloud's usual environment variables.",
    )
    security: Literal["standard", "strict"] = Field(
        default="standard",
        description="strict: private networks, no public endpoint, a key of your own required. Left out: "
        "standard.",
    )
    tags: Tags = Field(
        default_factory=dict, description="Labels put on every resource. Left out: mlstack's own alone."
    )
    settings: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Per cloud, where to: subscription, project, account. Left out: Pulumi config, then "
        "the cloud's "
        "usual environment variables.",
    )
    workspace: Workspace | None = Field(
        default=None,
        description="What everything else lives in. Left out: one is made when something needs it.",
    )
    secrets: dict[Name, Secret] = Field(
        default_factory=dict, description="Where secret values are. Left out: none."
    )
    compute: dict[Name, Compute] = Field(
        default_factory=dict, description="Pools of machines. Left out: none."
    )
    environments: dict[Name, Environment] = Field(
        default_factory=dict, description="What software things run in. Left out: none."
    )
    data: dict[Name, Data] = Field(
        default_factory=dict, description="Files and folders to read. Left out: none."
    )
    jobs: dict[Name, Job] = Field(default_factory=dict, description="Commands to run. Left out: none.")
    models: dict[Name, Model] = Field(default_factory=dict, description="Models to serve. Left out: none.")
    endpoints: dict[Name, Endpoint] = Field(
        default_factory=dict, description="Addresses that answer. Left out: none."
    )
    monitors: dict[Name, Monitor] = Field(
        default_factory=dict, description="Signals that are watched. Left out: none."
    )
    notifications: dict[Name, Notification] = Field(
        default_factory=dict, description="Who is told, and how. Left out: nobody."
    )
    pipelines: dict[Name, Pipeline] = Field(
        default_factory=dict, description="Steps in an order. Left out: none."
    )
    schedules: dict[Name, Schedule] = Field(
        default_factory=dict, description="What starts pipelines. Left out: nothing."
    )
    budget: Budget | None = Field(default=None, description="What all of it may cost. Left out: no limit.")
    policies: list[Name] = Field(
        default_factory=list, description="Names of the policies that hold. Left out: none."
    )

    _source: Source | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, path: str | Path, *, stack: str | None = None, sets: Sequence[str] = ()) -> Stack:
        """Read and check a file, with the overlay of ``stack`` and single values (``a.b=c``) laid over it.

        Raises `mlstack.errors.SpecError` with every problem at once.
        """
        from mlstack.spec.load import load

        loaded: Stack = load(path, stack=stack, sets=sets)
        return loaded

    @property
    def root(self) -> Path:
        """The folder that paths in the spec are relative to: that of its file, or the current one."""
        return Path.cwd() if self._source is None else self._source.root

    def where(self, path: tuple[str | int, ...]) -> Place:
        """File, line and column of a value; each None where the stack was not read from a file."""
        return (None, None, None) if self._source is None else self._source.locate(path)
