"""Python expressions laid out as `ruff format` lays them out: on one line, or one item a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH = 88


@dataclass(frozen=True)
class Group:
    """A call, list or mapping: items with what stands before each ("name=", "'key': ", "")."""

    opening: str
    items: tuple[tuple[str, Expression], ...]
    closing: str


@dataclass(frozen=True)
class Lines:
    """A text of several lines, one below the other where it does not fit on one."""

    text: str


Expression = str | Group | Lines


def call(function: str, *positional: Expression, **named: Expression) -> Group:
    items = [("", each) for each in positional] + [(f"{name}=", each) for name, each in named.items()]
    return Group(f"{function}(", tuple(items), ")")


def listed(items: list[Expression]) -> Group:
    return Group("[", tuple(("", item) for item in items), "]")


def mapping(items: dict[str, Expression]) -> Group:
    return Group("{", tuple((f"{quoted(key)}: ", item) for key, item in items.items()), "}")


def quoted(text: str) -> str:
    """A text in double quotes, unless single ones spare it backslashes."""
    mark, other = ("'", '"') if text.count('"') > text.count("'") else ('"', "'")
    # repr takes the mark that the text does not have, and escapes neither then
    parts = [repr(part + other)[1:-2] for part in text.split(mark)]
    return mark + f"\\{mark}".join(parts) + mark


def literal(value: object) -> Expression:
    if isinstance(value, str):
        return Lines(value) if "\n" in value.rstrip("\n") else quoted(value)
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


def flat(expression: Expression) -> str:
    """All on one line."""
    if isinstance(expression, Group):
        items = ", ".join(label + flat(item) for label, item in expression.items)
        return expression.opening + items + expression.closing
    return quoted(expression.text) if isinstance(expression, Lines) else expression


def laid_out(expression: Expression, column: int, indent: int = 0, after: int = 0) -> str:
    """The expression from ``column`` on, in a statement's part that begins at ``indent``; ``after``
    characters follow it on its last line."""
    one = flat(expression)
    if column + len(one) + after <= WIDTH or isinstance(expression, str):
        return one
    inner = " " * (indent + 4)
    if isinstance(expression, Lines):
        lines = "".join(f"{inner}{quoted(line)}\n" for line in expression.text.splitlines(keepends=True))
        return f"(\n{lines}{' ' * indent})"
    if not expression.items:
        return one
    lines = "".join(
        f"{inner}{label}{laid_out(item, indent + 4 + len(label), indent + 4, 1)},\n"
        for label, item in expression.items
    )
    return f"{expression.opening}\n{lines}{' ' * indent}{expression.closing}"


def statement(target: str, expression: Expression) -> str:
    """``target = expression``; an empty target: the expression alone."""
    begin = f"{target} = " if target else ""
    return begin + laid_out(expression, len(begin))


def imports(modules: Mapping[str, str], things: Mapping[str, list[str]]) -> list[str]:
    """Statements that import modules under the names that are given, and ``things`` of modules."""
    found: list[str] = []
    held: dict[str, list[str]] = {module: list(names) for module, names in things.items()}
    for module, name in modules.items():
        package, _, last = module.rpartition(".")
        if package:
            held.setdefault(package, []).append(last if last == name else f"{last} as {name}")
        else:
            found.append(f"import {module}")
    found.sort()
    for package, names in sorted(held.items()):
        one = f"from {package} import {', '.join(sorted(names))}"
        lines = "".join(f"    {name},\n" for name in sorted(names))
        found.append(one if len(one) <= WIDTH else f"from {package} import (\n{lines})")
    return found
