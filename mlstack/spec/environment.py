"""Environments: what software a job or a deployment runs in."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StrictInt, WithJsonSchema, model_validator

from mlstack.spec.base import Resource
from mlstack.spec.faults import fault, shown
from mlstack.spec.text import Text

_PYTHON = re.compile(r"3\.\d{1,2}(\.\d{1,2})?")


def _check_python(value: Any) -> Any:
    if isinstance(value, str) and _PYTHON.fullmatch(value):
        return value
    if isinstance(value, float | int) and not isinstance(value, bool):
        remedy = 'put it in quotes, as 3.10 is the number 3.1: "3.11"'
    else:
        remedy = 'write a version such as "3.11" or "3.12.4"'
    raise fault("bad-python", f"{shown(value)} is no Python version", remedy)


Python = Annotated[
    str, BeforeValidator(_check_python), WithJsonSchema({"type": "string", "pattern": f"^{_PYTHON.pattern}$"})
]


class Environment(Resource):
    """Python packages, an image, or a recipe for one; resolved once into an exact lock."""

    existing: Text | None = Field(
        default=None,
        description="Name or id of an environment that the target has: used as it is. Left out: it is made.",
    )
    image: Text | None = Field(
        default=None, description="A container image, taken as it is. Left out: made from the packages."
    )
    dockerfile: str | None = Field(
        default=None,
        description="Path of a Dockerfile, built with its folder as the context. Left out: one is generated.",
    )
    conda: str | None = Field(
        default=None, description="Path of a conda environment file. Left out: packages come from PyPI alone."
    )
    requirements: str | None = Field(
        default=None, description="Path of a requirements file. Left out: only `packages` are installed."
    )
    packages: list[str] = Field(
        default_factory=list,
        description="Requirements as pip takes them, such as scikit-learn==1.5.2. Left out: none.",
    )
    python: Python | None = Field(
        default=None,
        description='Python version, in quotes: "3.11". Left out: the one that mlstack itself runs on.',
    )
    setup: list[str] = Field(
        default_factory=list,
        description="Shell commands that are run before the packages are installed. Left out: none.",
    )
    keep: StrictInt = Field(
        default=0,
        ge=0,
        description="Old versions that are kept though nothing refers to them any more. Left out: 0.",
    )

    @model_validator(mode="after")
    def _one_base(self) -> Self:
        bases = self.given(("existing", "image", "dockerfile", "conda"))
        parts = ("requirements", "packages", "python", "setup")
        rest = bases[1:] + [name for name in parts if getattr(self, name)]
        if bases and rest:
            raise fault(
                "environment-twice",
                f"an environment with {bases[0]} is complete, and takes no {' and no '.join(rest)}",
                f"keep {bases[0]} alone, or leave it out",
            )
        return self
