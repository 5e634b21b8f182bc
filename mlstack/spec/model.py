"""Models: files with a flavor and a version."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, StrictInt, model_validator

from mlstack.spec.base import Resource, Spec, exactly_one
from mlstack.spec.faults import fault
from mlstack.spec.references import Ref
from mlstack.spec.text import Text

Flavor: TypeAlias = Literal[
    "sklearn", "xgboost", "lightgbm", "pytorch", "onnx", "mlflow", "huggingface", "custom"
]

SOURCES = ("from_", "path", "hub", "registry")


class ModelSource(Spec):
    """Where a model's files come from: exactly one of `from`, `path`, `hub`, `registry`."""

    from_: Annotated[str, Ref("jobs", open=True)] | None = Field(
        default=None,
        alias="from",
        description="The output of a job, as jobs.NAME.OUTPUT. Left out: one of the other sources is given.",
    )
    path: Text | None = Field(
        default=None,
        description="A file or folder relative to the spec, or a URI. Left out: one of the other sources "
        "is given.",
    )
    hub: Text | None = Field(
        default=None,
        description="Id of a model on the Hugging Face hub, as org/name. Left out: one of the other "
        "sources is "
        "given.",
    )
    registry: Text | None = Field(
        default=None,
        description="A model of a registry that is there, as azureml:name:3; used, never changed or "
        "deleted. Left "
        "out: one of the other sources is given.",
    )
    revision: str | None = Field(
        default=None,
        description="Commit, branch or tag of the hub's model. Left out: the newest at the first `up`, "
        "then kept.",
    )
    flavor: Flavor | None = Field(
        default=None, description="What loads the model. Left out: found out from its files."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        source = exactly_one(self, SOURCES, "model-source", "a model")
        if self.revision is not None and source != "hub":
            raise fault("revision-without-hub", "revision has a meaning only with hub", "leave out revision")
        return self


class InlineModel(ModelSource):
    """A model written where it is deployed, without a name of its own."""


class Model(Resource, ModelSource):
    """A model that endpoints serve; its version is the hash of its files."""

    keep: StrictInt = Field(
        default=0,
        ge=0,
        description="Old versions that are kept though nothing refers to them any more. Left out: 0.",
    )
