"""The generated pages are up to date and leave nothing out."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from mlstack.errors import Category
from mlstack.registry import provider
from mlstack.spec import KINDS
from mlstack.spec.explain import iter_fields
from tools.reference.cli import commands, options
from tools.reference.errors import CATEGORIES, explained

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SOURCES = ("mlstack", "providers/local/mlstack_local")
#: Where in a call a code stands, where it is not given by its name.
POSITIONS = {"Problem": 0, "_problem": 4, "_rule": 2, "Warned": 0}


#: What a target does with each field takes long to try.
PAGES = [
    pytest.param(page, marks=pytest.mark.drawn(of=3) if page.startswith("support/") else (), id=page)
    for page in sorted(file.relative_to(REFERENCE).as_posix() for file in REFERENCE.rglob("*.md"))
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_stale(page: str) -> None:
    assert docs("--check", page).returncode == 0


def test_no_page_is_missing_or_left_over() -> None:
    assert [param.id for param in PAGES] == sorted(docs("--list").stdout.split())


def docs(*words: str) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [sys.executable, ROOT / "tools" / "docs.py", *words], stdout=subprocess.PIPE, text=True
    )
    print(ran.stdout)
    return ran


def test_every_code_that_is_raised_is_explained() -> None:
    raised = {code: place for folder in SOURCES for code, place in codes_below(ROOT / folder)}
    assert len(raised) > 60
    assert {code: place for code, place in raised.items() if code not in explained()} == {}


def test_every_category_is_explained() -> None:
    assert set(CATEGORIES) == set(get_args(Category))


def test_every_error_has_a_heading_to_link_to() -> None:
    headings = re.findall(r"^### (\S+)$", (REFERENCE / "errors.md").read_text(), re.MULTILINE)
    assert headings == list(explained())


def test_the_spec_page_has_every_field() -> None:
    page = (REFERENCE / "spec.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for field in iter_fields():
        kind, _, rest = field.path.partition(".")
        shown = f"| `{rest}` |" if rest else f"| `{kind}` |"
        assert shown in (sections[kind] if rest else page), field.path


def test_the_command_page_has_every_option() -> None:
    page = (REFERENCE / "cli.md").read_text()
    for name, command in commands().items():
        assert f"\n## {name}\n" in page
        assert not [option for option in options(command) if option not in page and option != "-h"] or name


def test_the_support_page_has_every_kind_and_refusal() -> None:
    page = (REFERENCE / "support" / "local.md").read_text()
    assert [kind for kind in KINDS if f"\n## {kind}\n" not in page] == []
    for path, reason in provider("local").unsupported.items():
        assert reason.replace("|", "\\|") in page, path


def codes_below(folder: Path) -> Iterator[tuple[str, str]]:
    """(code, place) of each literal code in the sources of a folder."""
    for source in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text())):
            for code in _codes(node):
                yield code, f"{source.relative_to(ROOT)}:{node.lineno}"  # type: ignore[attr-defined]


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        position = POSITIONS.get(name)
        if position is not None and len(node.args) > position:
            given.append(node.args[position])
        for value in given:
            yield from _texts(value)
    elif isinstance(node, ast.ClassDef):
        for line in node.body:
            targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
            if any(getattr(target, "id", "") == "code" for target in targets) and getattr(
                line, "value", None
            ):
                yield from _texts(line.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.FunctionDef):
        last = node.args.args[len(node.args.args) - len(node.args.defaults) :]
        for argument, default in zip(last, node.args.defaults, strict=True):
            if argument.arg == "code":
                yield from _texts(default)


def _texts(value: ast.expr) -> Iterator[str]:
    """The codes that an expression may have as its value, as far as its text tells."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.JoinedStr) and ast.unparse(value) == "f'{category}-failed'":
        yield from (f"{category}-failed" for category in get_args(Category))
    elif isinstance(value, ast.JoinedStr):
        pytest.fail(f"a code that is put together: {ast.unparse(value)}")
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
