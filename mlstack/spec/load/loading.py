"""The way from a file to a ``Stack``, and all problems of the way gathered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mlstack.errors import Problem, SpecError, UsageError
from mlstack.spec.load import files
from mlstack.spec.load.compose import compose
from mlstack.spec.load.merge import apply_sets, lay_over
from mlstack.spec.load.read import find, read_text
from mlstack.spec.load.validate import validate
from mlstack.spec.source import Node, Source
from mlstack.spec.stack import Stack

_STACK = re.compile(r"[A-Za-z0-9_.-]+")


def load(path: str | Path, *, stack: str | None = None, sets: Sequence[str] = ()) -> Stack:
    """The stack that a spec file describes.

    ``path`` is the file, or the folder that holds ``mlstack.yaml``. ``stack`` names the overlay
    ``mlstack.<stack>.yaml`` beside it, which may be absent. ``sets`` are the ``a.b=value`` of ``--set``.
    SpecError: every problem at once, in the order of the files. UsageError: ``stack`` or ``sets``.
    """
    file = find(path)
    overlay = _overlay(file, stack) if stack is not None else None
    problems: list[Problem] = []
    texts: list[tuple[str, str]] = []
    for each in (file, overlay):
        if each is not None:
            try:
                texts.append((read_text(each), str(each)))
            except SpecError as error:
                problems += error.problems
    if problems:
        raise SpecError(problems)
    (text, name), *over = texts
    return load_text(text, root=file.parent, file=name, overlay=over[0] if over else None, sets=sets)


def load_text(
    text: str,
    *,
    root: str | Path,
    file: str | None = "mlstack.yaml",
    overlay: tuple[str, str] | None = None,
    sets: Sequence[str] = (),
) -> Stack:
    """The stack that a text describes, as ``load`` does it.

    ``root`` is the folder that paths are relative to, ``file`` the name that errors give the text,
    ``overlay`` the text and the name of what is laid over it.
    """
    tree, problems = _mapping(text, file)
    if tree is None and not problems:
        problems = [
            Problem(
                "empty-spec",
                "the spec is empty",
                file=file,
                remedy="`mlstack new` starts one; it needs a name",
            )
        ]
    if overlay is not None:
        over, more = _mapping(*overlay)
        problems += more
        tree = lay_over(tree, over) if tree is not None and over is not None else tree
    if tree is None:
        raise SpecError(problems)
    tree = apply_sets(tree, sets)
    source = Source(tree, Path(root), file)
    result, found = validate(tree.plain(), source)
    wrong = {problem.path for problem in found}
    found += [problem for problem in files.problems(source) if problem.path not in wrong]
    problems += found
    if problems or result is None:
        raise SpecError(_in_order(problems, [file, overlay[1]] if overlay else [file]))
    result._source = source
    return result


def _overlay(file: Path, stack: str) -> Path | None:
    name = stack.rsplit("/", 1)[-1]  # of organisation/project/stack
    if not _STACK.fullmatch(name):
        raise UsageError(
            f"'{stack[:60]}' is no name of a stack",
            remedy="use letters, digits, '-', '_' and '.', such as dev-local",
        )
    overlay = file.with_name(f"mlstack.{name}.yaml")
    return overlay if overlay.is_file() and overlay != file else None


def _mapping(text: str, file: str | None) -> tuple[Node | None, list[Problem]]:
    """The tree of a text that holds a mapping; None without a problem where it holds nothing."""
    tree, problems = compose(text, file)
    if tree is None or tree.broken or isinstance(tree.value, dict):
        return (tree if tree is not None and isinstance(tree.value, dict) else None), problems
    if tree.value is None:
        return None, problems
    what = "a list" if isinstance(tree.value, list) else "a single value"
    remedy = "write keys with values, such as `name: digits`"
    problems.append(
        Problem("not-a-mapping", f"the spec is {what}, not a mapping", "", *tree.place, remedy=remedy)
    )
    return None, problems


def _in_order(problems: list[Problem], names: Sequence[str | None]) -> list[Problem]:
    """By file, line and column; what has no place in a file (``--set``) comes last."""

    def place(problem: Problem) -> tuple[int, int, int]:
        rank = names.index(problem.file) if problem.file in names else len(names)
        return rank, problem.line or 0, problem.column or 0

    return sorted(problems, key=place)
