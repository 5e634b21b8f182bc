"""What a batch endpoint is made of."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from mlstack.resource import Inputs
from mlstack.runtime import Record
from mlstack_local.deployments.inputs import CodePart, ModelPart, Part, SecretPart
from mlstack_local.layout import Layout

_TYPE = "mlstack:local:BatchEndpoint"


class BatchDeployment(Part):
    """``environment`` is "<name>@<version>"; ``runtime`` the version of the serving runtime.

    ``replicas`` processes score side by side; ``timeout_seconds`` is for one mini-batch; ``max_errors`` None
    is no limit.
    """

    model: ModelPart | None = None
    environment: str
    runtime: str
    code: CodePart | None = None
    mini_batch: int = 100
    max_errors: int | None = None
    replicas: int = 1
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretPart] = Field(default_factory=dict)
    timeout_seconds: float | None = None


class BatchInputs(Inputs):
    """``default`` is the deployment that is asked where none is named."""

    stack_uid: str
    name: str
    default: str
    deployments: dict[str, BatchDeployment]

    @classmethod
    def of_record(cls, record: Record) -> BatchInputs | None:
        """What a record's batch endpoint is made of; None for an online one."""
        for child in record.children:
            if child.type == _TYPE:
                return cls.model_validate(dict(child.inputs))
        return None

    def layout(self, root: Path) -> Layout:
        return Layout(root, self.stack_uid)

    def code(self, root: Path, deployment: str) -> Path:
        """Where the copy of a deployment's code is: what was deployed, whatever becomes of its source."""
        return self.layout(root).deployment(self.name, deployment) / "code"
