"""What a job is made of, and its fingerprint: what makes it run again when it changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mlstack.content import fingerprint


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Input(_Part):
    """A literal, as text; or something in a bucket, which the command sees as a path."""

    value: str | None = None
    uri: str | None = None


class Output(_Part):
    """``uri`` None: a place of its own below that of the run."""

    type: Literal["file", "folder"] = "folder"
    uri: str | None = None


class Runs(_Part):
    """Where and as whom it runs: nothing of it decides what is computed.

    ``machine`` is a name of the catalogue, ``pool`` a persistent resource, whose own machine is asked for
    where none is named. ``timeout`` in seconds.
    """

    machine: str | None = None
    disk: int | None = None
    spot: bool = False
    pool: str | None = None
    timeout: float | None = None
    service_account: str | None = None
    network: str | None = None
    key: str | None = None


class Asked(_Part):
    """A job. ``code`` is the place of its folder, ``secrets`` are names of versions in Secret Manager."""

    command: str
    code: str | None = None
    image: str
    inputs: dict[str, Input] = Field(default_factory=dict)
    outputs: dict[str, Output] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    nodes: int = 1
    processes: int = 1
    runs: Runs
    labels: dict[str, str] = Field(default_factory=dict)


def mark(asked: Asked, nonce: str | None = None) -> str:
    """A job's fingerprint, 12 hex digits: of all that decides what it computes.

    Machine, timeout, labels, identity and the secrets' places do not count.
    """
    counts: Mapping[str, Any] = asked.model_dump(exclude={"runs", "labels", "secrets"})
    named = sorted(asked.secrets)
    return fingerprint(json.dumps([counts, named], sort_keys=True), nonce or "")
