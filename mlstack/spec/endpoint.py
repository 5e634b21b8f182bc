"""Endpoints: an address that answers with models."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, StrictBool, field_validator, model_validator

from mlstack.spec.base import Resource
from mlstack.spec.deployment import Deployment
from mlstack.spec.faults import fault
from mlstack.spec.rollout import Rollout
from mlstack.spec.text import Name

BATCH_ONLY = ("mini_batch", "max_errors")
ONLINE_ONLY = ("mirror", "capture", "probes", "batching", "limits")


class Endpoint(Resource):
    """One address, one key, and one or more deployments that share its requests."""

    type: Literal["online", "batch"] = Field(
        default="online", description="Whether it answers at once, or works through data. Left out: online."
    )
    auth: Literal["key", "token", "identity"] | None = Field(
        default=None, description="How callers show who they are. Left out: what the target has."
    )
    public: StrictBool | None = Field(
        default=None,
        description="Whether it can be reached from the internet. Left out: the target's usual; false with "
        "`security: strict` and in a private workspace.",
    )
    deployments: dict[Name, Deployment] = Field(
        min_length=1, description="What answers, by name. At least one; required."
    )
    rollout: Rollout | None = Field(
        default=None,
        description="How a deployment that has changed takes over from what it was; it is taken back where a "
        "monitor of the endpoint's latency or errors raises an alarm meanwhile. Left out: at once.",
    )

    @field_validator("deployments")
    @classmethod
    def _shared_out(cls, deployments: dict[str, Deployment]) -> dict[str, Deployment]:
        """Traffic sums to 100, and who has none written down has it written down from here on."""
        alone = len(deployments) == 1
        shares = {
            name: (100 if alone else 0) if deployment.traffic is None else deployment.traffic
            for name, deployment in deployments.items()
        }
        total = sum(shares.values())
        if total != 100:
            parts = ", ".join(f"{name} {share}" for name, share in shares.items())
            raise fault(
                "traffic-sum",
                f"the traffic of the deployments sums to {total}, not to 100 ({parts})",
                "change `traffic` so that it sums to 100 over all deployments",
            )
        return {
            name: deployment
            if deployment.traffic is not None
            else deployment.model_copy(update={"traffic": shares[name]})
            for name, deployment in deployments.items()
        }

    @model_validator(mode="after")
    def _fits_type(self) -> Self:
        if self.type == "batch" and self.rollout is not None:
            raise fault(
                "online-only",
                "a batch endpoint has a rollout, which only online endpoints know",
                "leave it out, or set type: online",
            )
        strange = ONLINE_ONLY if self.type == "batch" else BATCH_ONLY
        for name, deployment in self.deployments.items():
            if found := deployment.given(strange):
                other = "online" if self.type == "batch" else "batch"
                raise fault(
                    f"{other}-only",
                    f"deployment {name} has {' and '.join(found)}, which only {other} endpoints know",
                    f"leave it out, or set type: {other}",
                )
        return self
