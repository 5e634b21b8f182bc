"""Jobs: a command that turns inputs into outputs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from mlstack.spec.base import Resource, Spec
from mlstack.spec.placeholders import Holds
from mlstack.spec.references import ComputeRef, EnvironmentRef, Ref, SecretRef, Value
from mlstack.spec.text import Parameter, Text, Variable
from mlstack.spec.units import Period


class Output(Spec):
    """What a job leaves behind."""

    type: Literal["file", "folder"] = Field(
        default="folder", description="Whether it is one file or a folder of them. Left out: folder."
    )
    path: Text | None = Field(
        default=None, description="URI to put it at. Left out: a place of its own in the workspace's storage."
    )


class Job(Resource):
    """One run of a command. It runs again when its fingerprint has changed.

    ``${{inputs.x}}`` and ``${{outputs.y}}`` in the command stand for the value of a literal and for the path
    of anything else.
    """

    command: Annotated[str, Holds("inputs", "outputs")] = Field(
        min_length=1,
        description="What is run, by the target's shell, with placeholders for inputs and outputs. Required.",
    )
    code: str | None = Field(
        default=None,
        description="Folder, relative to the spec, that the command is run in. Left out: an empty one.",
    )
    environment: EnvironmentRef | None = Field(
        default=None, description="Name of the environment. Left out: a bare Python."
    )
    compute: ComputeRef | None = Field(
        default=None,
        description="Name of the compute. Left out: a machine of the target's own choice (cpu-s).",
    )
    inputs: dict[Parameter, Annotated[str | Value, Ref("data", "jobs", "models", or_else=Value)]] = Field(
        default_factory=dict,
        description="What the command reads: data.NAME, jobs.NAME.OUTPUT, models.NAME, or {value: "
        "LITERAL}. Left "
        "out: nothing.",
    )
    outputs: dict[Parameter, Output] = Field(
        default_factory=dict,
        description="What the command writes, by name. Left out: nothing is kept but its log.",
    )
    env: dict[Variable, Text] = Field(
        default_factory=dict, description="Environment variables. Left out: only those that mlstack sets."
    )
    secrets: dict[Variable, SecretRef] = Field(
        default_factory=dict,
        description="Environment variables that take the value of a secret, by the secret's name. Left "
        "out: none.",
    )
    timeout: Period | None = Field(
        default=None,
        description="How long it may run before it is stopped. Left out: as long as the target lets it.",
    )
    retries: StrictInt = Field(
        default=0, ge=0, description="How often it is tried again within one run when it fails. Left out: 0."
    )
    nodes: StrictInt = Field(
        default=1, ge=1, description="Machines that run the command together. Left out: 1."
    )
    processes: StrictInt = Field(
        default=1,
        ge=1,
        description="Processes per machine, each with the usual torchrun variables (RANK, WORLD_SIZE …). "
        "Left out: 1.",
    )
    rerun: Literal["changed", "always", "never"] = Field(
        default="changed",
        description="When `up` runs it again: when its fingerprint has changed, each time, or never. Left "
        "out: changed.",
    )
