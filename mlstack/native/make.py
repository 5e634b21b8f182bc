"""Make a provider resource with what the spec passes to it natively."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pulumi

    from mlstack.provider import Build

Made = TypeVar("Made", bound="pulumi.CustomResource")


def make(
    build: Build,
    cls: type[Made],
    suffixes: tuple[str, ...],
    args: Mapping[str, Any],
    main: bool,
    options: Any,
) -> Made:
    if build.native is not None:
        args = build.native.merged(cls, suffixes, args, main)
    return cls(build.child(*suffixes), **args, opts=build.opts(**options))
