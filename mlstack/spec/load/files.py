"""The files that a spec names must be there, and be what it takes them for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from mlstack.errors import Problem
from mlstack.spec.source import Node, Source, Step, dotted
from mlstack.suggest import suggest

Kind = Literal["file", "folder"]
_NAMES = {"file": "a file", "folder": "a folder"}


class Check(NamedTuple):
    """A field that holds a path: what has to be there (None: either)."""

    pattern: tuple[str, ...]
    kind: Kind | None = None
    kind_from: str | None = None  # the sibling field that says what it is
    below: str | None = None  # the sibling field that names the folder it is relative to


CHECKS = (
    Check(("data", "*", "path"), kind_from="type"),
    Check(("jobs", "*", "code"), "folder"),
    Check(("models", "*", "path")),
    Check(("endpoints", "*", "deployments", "*", "model", "path")),
    Check(("endpoints", "*", "deployments", "*", "code", "dir"), "folder"),
    Check(("endpoints", "*", "deployments", "*", "code", "script"), "file", below="dir"),
    Check(("environments", "*", "requirements"), "file"),
    Check(("environments", "*", "conda"), "file"),
    Check(("environments", "*", "dockerfile"), "file"),
)


def problems(source: Source) -> list[Problem]:
    """Every path of the spec that is missing or of the wrong kind. Remote ones are not looked at."""
    found: list[Problem] = []
    for check in CHECKS:
        for path, node in _matches(source.tree, check.pattern):
            problem = _look(source, check, path, node)
            if problem is not None:
                found.append(problem)
    return found


def _look(source: Source, check: Check, path: tuple[Step, ...], node: Node) -> Problem | None:
    text = node.value
    if not isinstance(text, str) or not text or "://" in text:
        return None
    root = source.root
    if check.below is not None:
        folder = source.node((*path[:-1], check.below))
        if folder is None or not isinstance(folder.value, str) or "://" in folder.value:
            return None
        root = root / folder.value
        if kind_of(root) != "folder":
            return None  # that the folder is missing is reported for the folder
    wanted = check.kind
    if check.kind_from is not None:
        declared = source.node((*path[:-1], check.kind_from))
        value = declared.value if declared is not None else None
        wanted = "file" if value == "file" else "folder" if value == "folder" else None
    there = kind_of(root / text)
    shown = text if len(text) <= 60 else text[:57] + "..."
    place = source.locate(path)
    if there is None:
        near = _nearest(root / text)
        remedy = f"did you mean '{near}'? " if near else "create it, or correct the path; "
        return Problem(
            "missing-path",
            f"there is no {wanted or 'file or folder'} at {shown}",
            dotted(path),
            *place,
            remedy=remedy + "paths are relative to the spec's folder",
        )
    if wanted is not None and there != wanted:
        fix = f"or declare `{check.kind_from}: {there}`" if check.kind_from else f"not {_NAMES[there]}"
        return Problem(
            "wrong-path-type",
            f"{shown} is {_NAMES[there]}, where {_NAMES[wanted]} is expected",
            dotted(path),
            *place,
            remedy=f"name {_NAMES[wanted]}, {fix}",
        )
    return None


def kind_of(path: Path) -> Kind | None:
    """What is at ``path``; None where there is nothing that can be looked at."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - Path.stat is the same, with less in its errors
    except (OSError, ValueError):
        return None
    return "folder" if stat.S_ISDIR(mode) else "file"


def _nearest(path: Path) -> str | None:
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, 500)]
    except (OSError, ValueError):
        return None
    return suggest(path.name, names) if len(path.name) <= 60 else None


def _matches(tree: Node | None, pattern: tuple[str, ...]) -> Iterator[tuple[tuple[Step, ...], Node]]:
    """Each node under a pattern, ``*`` standing for any key; none below what is broken."""
    found: list[tuple[tuple[Step, ...], Node]] = [((), tree)] if tree is not None else []
    for part in pattern:
        found = [
            ((*path, step), child)
            for path, node in found
            if not node.broken and isinstance(node.value, dict)
            for step, _, child in node.items()
            if part in ("*", step)
        ]
    yield from ((path, node) for path, node in found if not node.broken)
