"""What all classes of the spec have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mlstack.spec.faults import fault
from mlstack.spec.text import Text

RESERVED = "mlstack-"


class Spec(BaseModel):
    """Base of every object of the spec: what it does not know it refuses, and it never changes.

    Wrong values are kept out of error texts, as one of them may be a secret.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
    )

    def given(self, names: Iterable[str]) -> list[str]:
        """Those of the fields that hold something, in the order asked."""
        return [name for name in names if getattr(self, name) is not None]


def _check_tags(tags: dict[str, Text]) -> dict[str, Text]:
    for key in tags:
        if key.startswith(RESERVED):
            raise fault(
                "reserved-tag",
                f"the tag {key!r} is mlstack's own",
                f"choose a key that does not begin with {RESERVED!r}",
            )
    return tags


Tags = Annotated[dict[str, Text], AfterValidator(_check_tags)]


class Resource(Spec):
    """Base of every kind: what becomes a resource of its own on the target."""

    tags: Tags = Field(
        default_factory=dict,
        description="Labels put on the resource, beside the stack's own tags and stronger than they are. "
        "Left out: the stack's tags alone.",
    )
    native: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Per cloud, what is merged into the inputs of the provider's own resource: maps merge, "
        "lists replace, null removes. Left out: nothing is added.",
    )


def exactly_one(spec: Spec, names: Iterable[str], code: str, what: str) -> str:
    """The one of the fields that is given; raises a fault when there is none, or more than one."""
    names = tuple(names)
    given = spec.given(names)
    if len(given) == 1:
        return given[0]
    choices = ", ".join(label(spec, name) for name in names)
    if not given:
        raise fault(code, f"{what} needs one of {choices}", f"give exactly one of them: {choices}")
    found = " and ".join(label(spec, name) for name in given)
    raise fault(code, f"{what} has {found}, which exclude each other", f"keep one of {found}")


def label(spec: Spec | type[Spec], name: str) -> str:
    """The field's name as it is written in YAML (``from_`` is ``from`` there)."""
    cls = spec if isinstance(spec, type) else type(spec)
    return cls.model_fields[name].alias or name
