"""The aliases that a Pulumi SDK generates for every version of a type, without those that mean nothing.

Some SDKs give each resource a name for every API version that its type ever had (azure-native: about thirty).
An alias matters only where the state holds a resource under it. Thousands of them cost most of a preview.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pulumi

#: Set to anything, all aliases are sent; so does `mlstack:aliases: keep` in the stack's config.
VARIABLE = "MLSTACK_KEEP_ALIASES"
_KEEP = "keep"
_TYPE = re.compile(r'"type":\s*"([^"]+)"')


def types_in(state: str) -> frozenset[str]:
    """Every type that the text of a state names."""
    return frozenset(_TYPE.findall(state))


def lean(program: Callable[[], object], held: Collection[str]) -> Callable[[], None]:
    """The program, with generated aliases left out, but for those to types that the state holds."""

    def run() -> None:
        if strips():
            pulumi.runtime.register_stack_transformation(lambda args: _stripped(args, held))
        program()

    return run


def strips() -> bool:
    """Whether neither the environment nor the stack's config asks for all aliases."""
    return not os.environ.get(VARIABLE) and pulumi.Config("mlstack").get("aliases") != _KEEP


def needed(aliases: Iterable[Any], held: Collection[str]) -> list[Any]:
    """The aliases that may mean something: a user's own, and those to types in ``held``.

    One that says nothing but a type, as those of generated code do, means nothing without such a resource.
    """
    return [each for each in aliases if not _says_a_type_alone(each) or each.type_ in held]


def _stripped(
    args: pulumi.ResourceTransformationArgs, held: Collection[str]
) -> pulumi.ResourceTransformationResult | None:
    if not args.opts.aliases or isinstance(args.opts.aliases, pulumi.Output):
        return None
    args.opts.aliases = needed(args.opts.aliases, held)
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _says_a_type_alone(alias: Any) -> bool:
    said = (getattr(alias, key, None) for key in ("name", "parent", "stack", "project"))
    return (
        isinstance(alias, pulumi.Alias) and isinstance(alias.type_, str) and all(part is ... for part in said)
    )
