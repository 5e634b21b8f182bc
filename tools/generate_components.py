"""Writes mlstack/components.py and mlstack/__init__.pyi from the spec's classes.

Run it after a change of the spec: `.venv/bin/python tools/generate_components.py`. With --check it only
says (exit 1) that the files are stale.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from mlstack import spec
from mlstack.provider import OUTPUTS
from mlstack.spec import KINDS
from mlstack.spec.references import Ref
from mlstack.spec.text import Deferred
from mlstack.tokens import class_name

ROOT = Path(__file__).parents[1]
LEAVES = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "null": "None"}

HEADER = '''\
"""The components of a Pulumi program, typed: one class for each kind of the spec.

Generated from `mlstack.spec` by tools/generate_components.py; a test finds a stale copy.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pulumi

from mlstack import spec
from mlstack.component import Component, given

'''


def hint(annotation: Any, metadata: tuple[Any, ...] = ()) -> list[str]:
    """The alternatives of a field's type, as a caller in Python writes them."""
    for mark in metadata:
        if isinstance(mark, Ref):
            literal = [f"spec.{mark.or_else.__name__}", "Mapping[str, Any]"] if mark.or_else else []
            return ["str", "Component", *literal]
    if annotation is Deferred:
        return ["pulumi.Input[str]"]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return hint(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return [each for argument in arguments for each in hint(argument)]
    if origin is Literal:
        return [f"Literal[{', '.join(map(repr, arguments))}]"]
    if origin is dict:
        return [f"Mapping[str, {union(hint(arguments[1]))}]"]
    if origin in (list, tuple, frozenset, set):
        return [f"Sequence[{union(hint(arguments[0]))}]"]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [f"spec.{annotation.__name__}", "Mapping[str, Any]"]
    if annotation is Any:
        return ["Any"]
    if annotation is None or annotation is type(None):
        return ["None"]
    schema = TypeAdapter(annotation).json_schema()
    return [LEAVES[each["type"]] for each in schema.get("anyOf", [schema]) if "type" in each] or ["Any"]


def union(alternatives: list[str]) -> str:
    if "pulumi.Input[str]" in alternatives:
        alternatives = [each for each in alternatives if each != "str"]
    return " | ".join(dict.fromkeys(alternatives))


def parameter(name: str, field: FieldInfo) -> str:
    alternatives = hint(field.annotation, tuple(field.metadata))
    if field.is_required():
        return f"{name}: {union(alternatives)}"
    return f"{name}: {union([*alternatives, 'None'])} = None"


def component(kind: str) -> str:
    cls = KINDS[kind].cls
    fields = sorted(cls.model_fields.items(), key=lambda item: not item[1].is_required())
    doc = textwrap.indent(f'"""{(cls.__doc__ or "").strip()}\n\nArguments:', "    ")
    for argument, field in fields:
        text = " ".join((field.description or "").split())
        doc += "\n" + textwrap.indent(f"{argument}: {text}", "        ")
    doc += "\n\n    Outputs: " + ", ".join(OUTPUTS[kind]) + '.\n    """'
    lines = [f"class {class_name(kind)}(Component):", doc, f'    kind: ClassVar[str] = "{kind}"']
    lines += [f"    {key}: pulumi.Output[Any]" for key in OUTPUTS[kind]]
    name = "logical_name" if "name" in cls.model_fields else "name"
    lines += ["", "    def __init__(", "        self,", f"        {name}: str,", "        *,"]
    lines += [f"        {parameter(*field)}," for field in fields]
    lines += ["        opts: pulumi.ResourceOptions | None = None,", "    ) -> None:"]
    given = ", ".join(f"{field}={field}" for field, _ in fields)
    made = f'given(spec.{cls.__name__}, f"{kind}.{{{name}}}", {given})'
    lines += [f"        super().__init__({name}, {made}, opts)", "", ""]
    return "\n".join(lines)


def components() -> str:
    kinds = list(OUTPUTS)
    table = "".join(f'    "{kind}": {class_name(kind)},\n' for kind in kinds)
    return (
        HEADER
        + "\n"
        + "".join(component(kind) for kind in kinds)
        + "BY_KIND: Mapping[str, type[Component]] = {\n"
        + table
        + "}\n\n"
        + f"__all__ = {sorted(map(class_name, kinds))!r}\n"
    )


def stub() -> str:
    """Static types of `import mlstack`, whose names are imported only when they are used."""
    made = {class_name(kind) for kind in OUTPUTS}
    shapes = sorted(
        name for name in spec.__all__ if name[0].isupper() and name not in made and name != "KINDS"
    )
    lines = ["# Generated by tools/generate_components.py.", ""]
    lines += [f"from mlstack.components import {name} as {name}" for name in sorted(made)]
    lines += ["from mlstack.program import deploy as deploy"]
    lines += [f"from mlstack.spec import {name} as {name}" for name in shapes]
    return "\n".join([*lines, "", "__version__: str", ""])


def formatted(name: str, text: str) -> str:
    for arguments in (["check", "--quiet", "--fix", "--select", "I"], ["format"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", name, "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> int:
    files = {ROOT / "mlstack/components.py": components(), ROOT / "mlstack/__init__.pyi": stub()}
    stale = []
    for file, text in files.items():
        new = formatted(file.name, text)
        if not file.exists() or file.read_text() != new:
            stale.append(file)
            if "--check" not in sys.argv:
                file.write_text(new)
    for file in stale:
        print(f"{'stale' if '--check' in sys.argv else 'wrote'}: {file.relative_to(ROOT)}")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
