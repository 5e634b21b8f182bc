"""Data: a file or folder with a version."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, StrictInt, model_validator

from mlstack.spec.base import Resource, Spec, exactly_one
from mlstack.spec.text import Text


class Columns(Spec):
    """What the columns of a table mean."""

    label: str | None = Field(
        default=None,
        description="The column that is to be predicted. Left out: there is none, or it is unknown.",
    )
    prediction: str | None = Field(
        default=None, description="The column that holds a model's answer. Left out: there is none."
    )
    timestamp: str | None = Field(
        default=None, description="The column that says when a row came to be. Left out: rows have no time."
    )
    features: list[str] | None = Field(
        default=None, description="The columns that a model takes. Left out: all that mean nothing else."
    )
    categorical: list[str] | None = Field(
        default=None,
        description="The columns that hold categories though they may look like numbers. Left out: those "
        "with text.",
    )


class Data(Resource):
    """A file or folder that jobs read; its version is the hash of its content."""

    path: Text | None = Field(
        default=None,
        description="A path relative to the spec, or a URI such as s3://bucket/folder/. Left out: `existing` "
        "names it.",
    )
    existing: Text | None = Field(
        default=None,
        description="Name or id of a data set that the target has: used, never changed or deleted. Left out: "
        "made from `path`.",
    )
    type: Literal["file", "folder"] | None = Field(
        default=None,
        description="Whether it is one file or a folder of them. Left out: what is at the path; a URI is a "
        "folder when it ends with a slash.",
    )
    version: str | None = Field(
        default=None,
        description="The version to record where the content cannot be hashed (a URI). Left out: the first "
        "12 hex digits of the content's hash.",
    )
    columns: Columns | None = Field(
        default=None,
        description="What the columns of a table mean. Left out: monitors find out by themselves.",
    )
    keep: StrictInt = Field(
        default=0,
        ge=0,
        description="Old versions that are kept though nothing refers to them any more. Left out: 0.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        exactly_one(self, ("path", "existing"), "data-source", "data")
        return self
