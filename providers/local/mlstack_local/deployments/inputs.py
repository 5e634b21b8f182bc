"""The inputs of a deployment, and which of them make new workers."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field

from mlstack import content
from mlstack.resource import Inputs

#: Inputs that do not make new workers.
_OUTSIDE = frozenset({"replicas", "timeout_seconds", "probe"})


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


class SecretPart(Part):
    name: str
    hash: str


class Probe(Part):
    path: str = "/v2/health/ready"
    initial_delay_seconds: float = 0


class DeploymentInputs(Inputs):
    """``environment`` is "<name>@<version>"; ``runtime`` the version of the serving runtime."""

    stack_uid: str
    endpoint: str
    name: str
    model: ModelPart | None = None
    environment: str
    runtime: str
    code: CodePart | None = None
    replicas: int = 1
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretPart] = Field(default_factory=dict)
    timeout_seconds: float = 60
    probe: Probe = Probe()


def generation_of(inputs: DeploymentInputs) -> str:
    made_of = inputs.model_dump(exclude=set(_OUTSIDE), exclude_none=True)
    return content.fingerprint(json.dumps(made_of, sort_keys=True))
