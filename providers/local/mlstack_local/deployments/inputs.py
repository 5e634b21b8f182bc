"""The inputs of a deployment, and which of them make new workers."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mlstack import content
from mlstack.resource import Inputs
from mlstack_local.gateway.config import BODY_LIMIT

#: Inputs that do not make new workers.
_OUTSIDE = frozenset({"replicas", "timeout_seconds", "probe", "live", "scaling", "controlled"})


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModelPart(Part):
    """``uri`` relative to the spec's folder; ``flavor`` None: found out from the files."""

    name: str
    uri: str
    version: str
    flavor: str | None = None


class CodePart(Part):
    """``path`` relative to the spec's folder; ``digest`` as `mlstack.content.version` gives it."""

    path: str
    digest: str
    script: str | None = None


class ServerPart(Part):
    """A server of the user's own, run in the spec's folder."""

    command: list[str]


class BatchingPart(Part):
    """``size`` rows per call at most; the first request waits ``wait_seconds`` for others at most."""

    size: int
    wait_seconds: float


class LimitsPart(Part):
    """Of one worker. None: the server's usual."""

    concurrency: int | None = None
    queue: int | None = None
    body_bytes: int | None = None


class SecretPart(Part):
    name: str
    hash: str


class Probe(Part):
    """How it is asked whether a worker is ready.

    ``period_seconds`` None: only while it starts. Else it is asked on, and leaves the rotation after
    ``failures`` in a row until it is ready again.
    """

    path: str = "/v2/health/ready"
    initial_delay_seconds: float = 0
    period_seconds: float | None = None
    timeout_seconds: float = 5
    failures: int = 3


class LiveProbe(Part):
    """How it is asked whether a worker is alive; after ``failures`` in a row it is started anew."""

    path: str = "/v2/health/live"
    initial_delay_seconds: float = 0
    period_seconds: float = 10
    timeout_seconds: float = 5
    failures: int = 3


class Scaling(Part):
    """``target`` per worker: requests in flight, requests a second, or percent of its processors.

    The fewest workers are ``replicas``, the most ``max``. What was needed at any moment of the last
    ``idle_seconds`` stays. ``cpus``: processors that are 100 percent.
    """

    max: int
    metric: Literal["concurrency", "rps", "cpu"]
    target: float
    idle_seconds: float = 300
    cpus: float = 1


class DeploymentInputs(Inputs):
    """``environment`` is "<name>@<version>"; ``runtime`` the version of the serving runtime.

    Both are None where ``server`` is given. ``controlled``: the endpoint's controller looks after the
    workers; `read` tells whether it is there.
    """

    stack_uid: str
    endpoint: str
    name: str
    model: ModelPart | None = None
    environment: str | None = None
    runtime: str | None = None
    code: CodePart | None = None
    server: ServerPart | None = None
    replicas: int = 1
    scaling: Scaling | None = None
    controlled: bool = False
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretPart] = Field(default_factory=dict)
    batching: BatchingPart | None = None
    limits: LimitsPart | None = None
    timeout_seconds: float = 60
    probe: Probe = Probe()
    live: LiveProbe | None = None

    @property
    def most(self) -> int:
        return self.scaling.max if self.scaling else self.replicas

    @property
    def body_limit(self) -> int:
        """Bytes of a request's body at most."""
        given = self.limits.body_bytes if self.limits else None
        return BODY_LIMIT if given is None else given


def generation_of(inputs: DeploymentInputs) -> str:
    made_of = inputs.model_dump(exclude=set(_OUTSIDE), exclude_none=True)
    return content.fingerprint(json.dumps(made_of, sort_keys=True))
