"""Type tokens of the components: "mlstack:index:Endpoint" and the like."""

from __future__ import annotations

from mlstack.spec import KINDS

COMPONENT = "mlstack:index:"


def class_name(kind: str) -> str:
    """Name of a kind's component class, by collection key: "endpoints" -> "Endpoint"."""
    return KINDS[kind].singular.title().replace("-", "")


def token(kind: str) -> str:
    return COMPONENT + class_name(kind)


_BY_TOKEN = {token(kind): kind for kind in KINDS}


def kind_of(type_token: str) -> str | None:
    """Collection key of a component's type token; None for any other token."""
    return _BY_TOKEN.get(type_token)
