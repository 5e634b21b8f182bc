"""``mlstack explain``."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlstack.cli.options import Debug, Json

if TYPE_CHECKING:
    from mlstack.provider import Provider
    from mlstack.spec.explain import Explanation, FieldDoc


def explain(
    path: Annotated[
        str, typer.Argument(metavar="KIND.FIELD", help="A place in the spec. Left out: the whole.")
    ] = "",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Explain a part of the spec, and who supports it."""
    from mlstack.registry import installed, provider
    from mlstack.spec.explain import explain as look_up

    found = look_up(path)
    targets = [provider(name) for name in sorted(installed())]
    if as_json:
        answer = {**asdict(found), "support": support(found.path, targets)}
        answer["children"] = [
            {**asdict(child), "name": child.name, "support": support(child.path, targets)}
            for child in found.children
        ]
        typer.echo(json.dumps(answer, indent=2))
        return
    for line in _drawn(found, targets):
        typer.echo(line)


def support(path: str, targets: list[Provider]) -> dict[str, dict[str, Any]]:
    """Per target, whether it takes the field, and the reason where it does not (or not every value)."""
    return {target.name: _support(path, target) for target in targets}


def _support(path: str, target: Provider) -> dict[str, Any]:
    steps = path.split(".") if path else []
    above = {".".join(steps[: length + 1]) for length in range(len(steps))}
    for refused, why in target.unsupported.items():
        if refused in above:
            return {"supported": False, "reason": why}
    values: dict[str, list[str]] = {}
    for refused, why in target.unsupported.items():
        field, is_value, value = refused.rpartition("=")
        if is_value and field == path:
            values.setdefault(why, []).append(value)
    reason = "; ".join(f"not {', '.join(those)}: {why}" for why, those in values.items()) or None
    return {"supported": True, "reason": reason}


def _drawn(found: Explanation, targets: list[Provider]) -> Iterator[str]:
    from mlstack.cli.show.paint import paint

    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    yield f"{paint(found.path or 'mlstack.yaml', 'bold')}  {paint(found.type, 'dim')}"
    for text in dict.fromkeys((found.description, found.about)):
        yield from textwrap.wrap(text, width - 2, initial_indent="  ", subsequent_indent="  ")
    yield from _facts(found, targets)
    for child in found.children:
        yield ""
        yield f"  {paint(child.name, 'bold')}  {paint(_type(child), 'dim')}"
        yield from textwrap.wrap(
            child.description, width - 6, initial_indent="      ", subsequent_indent="      "
        )
        for line in _refusals(child, targets):
            yield f"    {line}"


def _type(field: FieldDoc) -> str:
    if field.required:
        return f"{field.type}, required"
    return f"{field.type}, default {field.default}" if field.default is not None else field.type


def _facts(found: Explanation, targets: list[Provider]) -> Iterator[str]:
    if found.path:
        if found.default is not None:
            yield f"  default: {found.default}"
        refusals = list(_refusals(found, targets))
        yield from refusals
        good = [name for name, each in support(found.path, targets).items() if each["supported"]]
        if good:
            yield f"  supported by: {', '.join(good)}"


def _refusals(field: FieldDoc, targets: list[Provider]) -> Iterator[str]:
    for name, each in support(field.path, targets).items():
        if not each["supported"]:
            yield f"  not on {name}: {each['reason']}"
        elif each["reason"]:
            yield f"  on {name}, {each['reason']}"
