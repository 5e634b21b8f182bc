"""Resource names of the engine, taken apart: urn:pulumi:stack::project::type$type::name."""

from __future__ import annotations

from typing import NamedTuple

from mlstack.tokens import COMPONENT, kind_of


class Urn(NamedTuple):
    """``types`` runs from the outermost parent to the resource itself."""

    stack: str
    project: str
    types: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        head, project, types, name = text.split("::", 3)
        return cls(head.removeprefix("urn:pulumi:"), project, tuple(types.split("$")), name)

    @property
    def type(self) -> str:
        return self.types[-1]

    @property
    def kind(self) -> str | None:
        """Collection key of the innermost component of ours that this is, or is below of."""
        for token in reversed(self.types):
            if token.startswith(COMPONENT):
                return kind_of(token)
        return None

    @property
    def is_component(self) -> bool:
        return self.type.startswith(COMPONENT)

    @property
    def is_root(self) -> bool:
        return self.type == "pulumi:pulumi:Stack"

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")


def child(parent: str, type: str, name: str, stack: str, project: str) -> str:
    """The URN that the engine gives to a resource below ``parent`` (a URN, or nothing)."""
    above = Urn.parse(parent) if parent else None
    chain = "$".join((*above.types, type)) if above and not above.is_root else type
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"
