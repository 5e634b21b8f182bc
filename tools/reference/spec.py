"""The page of the spec: every field of every kind."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack.spec import KINDS
from mlstack.spec.explain import FieldDoc, explain, iter_fields

from .markdown import code, table

INTRO = """# The spec, field by field

`mlstack explain PATH` shows the same at the command line, and `mlstack schema` prints the JSON Schema of it
for editors. A path is as in YAML, without the names that you choose: `endpoints.deployments.traffic` is the
`traffic` of any deployment of any endpoint. [Who supports what](support.md) says which target takes a field.

"""
HEAD = ("Field", "Type", "Default", "What it is")


def page() -> str:
    return INTRO + "\n".join(_sections())


def _sections() -> Iterator[str]:
    fields = list(iter_fields())
    whole = [field for field in fields if "." not in field.path]
    yield "## The whole\n"
    yield table(HEAD, [_row(field, "") for field in whole])
    for field in whole:
        below = [each for each in fields if each.path.startswith(f"{field.path}.")]
        if below:
            yield f"## {field.path}\n"
            yield f"{explain(field.path).about}{_example(field.path)}\n"
            yield table(HEAD, [_row(each, f"{field.path}.") for each in below])


def _example(path: str) -> str:
    if path not in KINDS or KINDS[path].single:
        return ""
    return f" Each stands below `{path}` under a name of yours."


def _row(field: FieldDoc, prefix: str) -> tuple[str, str, str, str]:
    default = "required" if field.required else code(field.default or "")
    return code(field.path.removeprefix(prefix)), field.type, default, field.description
