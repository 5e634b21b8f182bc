"""The folder of an ejected program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlstack.eject.source import OURS, Program
from mlstack.engine.project import Project
from mlstack.errors import UsageError
from mlstack.plugin.wire import SIGNATURE


@dataclass(frozen=True)
class Ejected:
    """``asked``: keys of Pulumi config that must be given as secrets, as no place of them is known."""

    folder: Path
    files: tuple[str, ...]
    resources: int
    asked: tuple[str, ...]


def write(
    project: Project,
    resources: list[dict[str, Any]],
    folder: Path,
    secrets: Mapping[str, str],
) -> Ejected:
    """Write the program of a state. UsageError: the folder holds something, or the stack has nothing."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is not empty",
            where=str(folder),
            remedy="name a folder that is empty or not there yet",
        )
    if not resources:
        raise UsageError(
            f"the stack {project.stack} has no resources yet, and a program is written from what is there",
            where=project.stack,
            remedy="`mlstack up` first",
        )
    program = Program(resources, secrets)
    text = program.text()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__main__.py").write_text(text, encoding="utf-8")
    manifest = {**project.manifest, "name": project.name, "runtime": "python"}
    manifest.pop("main", None)
    YAML(typ="safe", pure=True).dump(manifest, folder / "Pulumi.yaml")
    packages = {"pulumi", *(module.partition(".")[0].replace("_", "-") for module in program.writer.modules)}
    packages |= {"mlstack"} if program.gaps else set()
    lines = sorted(f"{package}=={version(package)}" for package in packages)
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if project.stack_file.exists:
        shutil.copy(project.stack_file.path, folder)
    for path in sorted(_local(project.root, resources)):
        _copy(project.root / path, folder / path)
    files = tuple(sorted(each.name for each in folder.iterdir()))
    return Ejected(folder, files, len(program.names), tuple(program.writer.asked))


def _local(root: Path, resources: list[dict[str, Any]]) -> set[str]:
    """The files of the project that resources of ours read: texts among their inputs that are paths there."""
    texts = (
        text
        for each in resources
        if str(each.get("type")).startswith(OURS)
        for text in _texts(each.get("inputs"))
        if text.strip("./") and len(text) < 255 and "\n" not in text and not Path(text).is_absolute()
    )
    return {text for text in texts if ".." not in Path(text).parts and (root / text).exists()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping) and SIGNATURE not in value:
        for item in value.values():
            yield from _texts(item)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)
