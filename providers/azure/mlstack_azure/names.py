"""Physical names: deterministic, within Azure's rules, and no two stacks' the same."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from mlstack.lowering import names
from mlstack.lowering.names import tags
from mlstack.provider import Build

__all__ = ["guid", "identifier", "physical", "tags"]


def physical(build: Build, *parts: str, longest: int, generation: str = "", compact: bool = False) -> str:
    """`mlstack.lowering.names.physical` within Azure's rules."""
    end = names.tail(build, *parts, generation=generation)
    if build.kind == "compute" and end.isdigit():  # Azure takes no compute whose name ends in "-" and digits
        end = f"{end[:-1]}{'abcdefghij'[int(end[-1])]}"
    return names.physical(build, *parts, longest=longest, compact=compact, end=end)


def identifier(name: str) -> str:
    """A name with `_` for `-`: what Azure ML takes for components and steps of pipelines (azure-ai-ml,
    ``is_valid_node_name``; the YAML references of components). Names of the spec have no `_` themselves, so
    that no two of them become one."""
    return name.replace("-", "_")


def guid(build: Build, *parts: str) -> str:
    """A UUID that is the same each time: role assignments are named so."""
    return str(uuid5(NAMESPACE_URL, "/".join(("mlstack", build.stack_uid, build.kind, build.name, *parts))))
