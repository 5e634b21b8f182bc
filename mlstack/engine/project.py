"""What the engine is to run: a folder, its project name, its program, its stack's file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ruamel.yaml import YAML

from mlstack.engine.stackfile import StackFile, read_mapping

#: The project's own folder for states, locks, logs and the local target. Git-ignored.
HOME = ".mlstack"

_FILE = "file://"


@dataclass(frozen=True)
class Project:
    """``root`` is the folder of the spec (or of Pulumi.yaml); ``program`` builds the resources.

    ``manifest`` is what Pulumi.yaml holds, or would hold: name, runtime, declared config. With ``rehearsal``
    the stack's file, state and locks are in a folder of their own, and never those of the real stack.
    ``account`` are variables by which the cloud's Pulumi package learns which account is meant.
    """

    root: Path
    name: str
    stack: str
    cloud: str
    program: Callable[[], None]
    manifest: dict[str, Any]
    rehearsal: bool = False
    account: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.root / HOME

    @property
    def own(self) -> Path:
        """The folder for states and locks."""
        return rehearsal_folder(self.root, self.short_stack) if self.rehearsal else self.home

    @property
    def short_stack(self) -> str:
        """The stack without its organisation and project: what its files are named after."""
        return self.stack.rsplit("/", 1)[-1]

    @property
    def stack_file(self) -> StackFile:
        folder = self.own if self.rehearsal else self.root
        return StackFile(folder / f"Pulumi.{self.short_stack}.yaml")

    @property
    def default_backend(self) -> Path:
        return self.own / "state"

    def ensure_home(self) -> Path:
        """The project's folder for mlstack's things, with a .gitignore that keeps all of it out."""
        self.home.mkdir(exist_ok=True)
        ignore = self.home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        self.own.mkdir(parents=True, exist_ok=True)
        return self.home


def rehearsal_folder(root: Path, stack: str) -> Path:
    """Where all of a rehearsed stack is: its file, its state, the emulated cloud."""
    return root / HOME / "rehearsal" / stack


def read_manifest(root: Path) -> dict[str, Any]:
    """Pulumi.yaml of a folder, as plain data; empty where there is none."""
    return dict(read_mapping(root / "Pulumi.yaml", YAML(typ="safe", pure=True)))


def backend_url(project: Project) -> str:
    """Where states are kept: what the user has set for Pulumi, else the project's own folder.

    In the engine's order: PULUMI_BACKEND_URL, the manifest, the login on this machine. A rehearsal asks none
    of them.
    """
    if project.rehearsal:
        return project.default_backend.as_uri()
    manifest = (project.manifest.get("backend") or {}).get("url")
    if chosen := os.environ.get("PULUMI_BACKEND_URL"):
        return _absolute(chosen, Path.cwd())
    if manifest:
        return _absolute(manifest, project.root)
    login = _login()
    return _absolute(login, Path.cwd()) if login else project.default_backend.as_uri()


def file_backend(url: str) -> Path | None:
    """The folder of a file backend's URL; None when the backend is another."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def state_file(folder: Path, project: Project) -> Path:
    """Where a file backend keeps a stack's state."""
    return folder / ".pulumi" / "stacks" / project.name / f"{project.short_stack}.json"


def _absolute(url: str, folder: Path) -> str:
    """A file backend's URL with the home folder and relative paths resolved; others as they are.

    The engine takes both ("file://~" is what `pulumi login --local` leaves behind), but would resolve a
    relative one in the work directory, which is thrown away with the states in it.
    """
    if not url.startswith(_FILE):
        return url
    path, question, query = url.removeprefix(_FILE).partition("?")
    if path.startswith("/"):
        return url
    whole = Path(unquote(path)).expanduser()
    return f"{(folder / whole).resolve().as_uri()}{question}{query}"


def _login() -> str | None:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        credentials = json.loads((home / "credentials.json").read_text())
    except (OSError, ValueError):
        return None
    current = credentials.get("current")
    return current if isinstance(current, str) and current else None
