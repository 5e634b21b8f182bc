"""The folder of an ejected program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mlstack.eject.readme import readme
from mlstack.eject.record import Recording
from mlstack.eject.source import OURS, Program
from mlstack.engine.project import Project
from mlstack.errors import UsageError
from mlstack.plugin.wire import SIGNATURE
from mlstack.registry import GROUP

#: The folder that `pulumi install` makes, and that holds our provider's executable then.
_VENV = ".venv"


@dataclass(frozen=True)
class Ejected:
    """``asked``: keys of Pulumi config that must be given as secrets, as no place of them is known."""

    folder: Path
    files: tuple[str, ...]
    resources: int
    asked: tuple[str, ...]


def check(folder: Path) -> None:
    """UsageError: the folder holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} is not empty",
            where=str(folder),
            remedy="name a folder that is empty or not there yet",
        )


def write(project: Project, recording: Recording, folder: Path, secrets: Mapping[str, str]) -> Ejected:
    """Write the program of a recording. ``secrets``: values, and the environment variable of each."""
    check(folder)
    title = f"The stack {project.short_stack} of {project.name}, as a plain Pulumi program."
    program = Program(recording, title, secrets)
    text = program.text()  # before anything is written: it may be refused
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__main__.py").write_text(text, encoding="utf-8")
    YAML(typ="safe", pure=True).dump(_manifest(project, program), folder / "Pulumi.yaml")
    (folder / "requirements.txt").write_text("".join(_requirements(program)), encoding="utf-8")
    asked = tuple(dict.fromkeys(program.writer.asked))
    (folder / "README.md").write_text(readme(project, program.targets, asked), encoding="utf-8")
    if project.stack_file.exists:
        shutil.copy(project.stack_file.path, folder)
    for path in sorted(_local(project.root, recording)):
        _copy(project.root / path, folder / path)
    files = tuple(sorted(each.name for each in folder.iterdir()))
    return Ejected(folder, files, len(recording.resources), asked)


def _manifest(project: Project, program: Program) -> dict[str, Any]:
    manifest = {key: value for key, value in project.manifest.items() if key not in ("main", "plugins")}
    manifest |= {
        "name": project.name,
        "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": _VENV}},
    }
    if program.targets:
        manifest["plugins"] = {"providers": [{"name": "mlstack", "path": f"{_VENV}/bin"}]}
    return manifest


def _requirements(program: Program) -> Iterator[str]:
    """The packages, in the versions that wrote the program; those of the targets hold their resources."""
    packages = {"pulumi", *program.packages}
    if program.targets:
        packages.add("mlstack")
        found = [each for each in entry_points(group=GROUP) if each.name in program.targets]
        packages |= {each.dist.name for each in found if each.dist is not None}
    yield from (f"{package}=={version(package)}\n" for package in sorted(packages))


def _local(root: Path, recording: Recording) -> set[str]:
    """The files of the project that resources of ours read: texts among their inputs that are paths there."""
    texts = (
        text
        for each in recording.resources.values()
        if each.parsed.type.startswith(OURS)
        for text in _texts(each.plain)
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
        left_out = shutil.ignore_patterns("__pycache__", ".mlstack")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=left_out)
    else:
        shutil.copy(source, target)
