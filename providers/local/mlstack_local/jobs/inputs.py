"""What a job is made of, and its fingerprint: what makes it run again when it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack.content import fingerprint
from mlstack.resource import Inputs
from mlstack_local import remote
from mlstack_local.layout import Layout


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Code(_Part):
    """``path`` relative to the spec's folder, or absolute."""

    path: str
    digest: str


class JobInput(_Part):
    """A literal as the command sees it, or something of a version at a place."""

    value: str | None = None
    uri: str | None = None
    version: str | None = None


class JobOutput(_Part):
    type: str = "folder"


class JobSecret(_Part):
    """The stack's secret behind a variable, by name and salted hash."""

    name: str
    hash: str


class JobInputs(Inputs):
    """``environment`` is "<name>@<version>"; ``wait`` whether somebody needs the outputs; ``nonce`` makes a
    run of its own of what is otherwise the same."""

    stack_uid: str
    name: str
    project: str = ""
    command: str
    code: Code | None = None
    environment: str
    inputs: dict[str, JobInput] = Field(default_factory=dict)
    outputs: dict[str, JobOutput] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, JobSecret] = Field(default_factory=dict)
    timeout_seconds: float | None = None
    retries: int = 0
    nodes: int = 1
    processes: int = 1
    wait: bool = True
    nonce: str | None = None

    def fingerprint(self) -> str:
        """12 hex digits. Timeout, retries, secrets' values and ``wait`` do not count."""
        inputs = {
            name: one.version if one.value is None else ["literal", one.value]
            for name, one in self.inputs.items()
        }
        parts = (
            self.command,
            self.code.digest if self.code else "",
            self.environment.partition("@")[2],
            _canonical(inputs),
            _canonical({name: output.type for name, output in self.outputs.items()}),
            _canonical(self.env),
            str(self.nodes),
            str(self.processes),
            self.nonce or "",
        )
        return fingerprint(*parts)

    def values(self, root: Path) -> dict[str, str]:
        """What ``${{inputs.x}}`` stands for: a literal, or an absolute path."""
        return {
            name: one.value if one.value is not None else str(remote.where(root, str(one.uri), one.version))
            for name, one in self.inputs.items()
        }

    def shown(self) -> dict[str, str]:
        """The inputs for people: a literal, or place and version."""
        return {
            name: one.value if one.value is not None else f"{one.uri}@{one.version}"
            for name, one in self.inputs.items()
        }

    def layout(self, root: Path) -> Layout:
        return Layout(root, self.stack_uid)


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)
