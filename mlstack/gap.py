"""A gap resource in a Pulumi program: the client's side of `mlstack.resource`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


class GapResource(pulumi.CustomResource):
    """A resource of our own Pulumi provider. Each output named is an attribute, a `pulumi.Output`.

    ``token`` is "mlstack:<provider>:<Type>". Input values may be Outputs.
    """

    def __init__(
        self,
        token: str,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {**dict.fromkeys(outputs), **inputs}
        super().__init__(token, name, properties, opts)

    def output(self, key: str) -> pulumi.Output[Any]:
        value = getattr(self, key)
        assert isinstance(value, pulumi.Output), key
        return value
