"""What another target takes along to read monitors by the code of this one: its files, and their packages.

Nothing of it imports Pulumi or the spec. `mlstack_local.monitors.once` is what is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import requires
from pathlib import Path

import mlstack_serving
from packaging.requirements import Requirement

import mlstack
import mlstack_local

MODULE = "mlstack_local.monitors.once"

_PACKAGES = (
    "apprise", "filelock", "jinja2", "numpy", "packaging", "platformdirs", "plotly", "pyarrow", "scipy",
)  # fmt: skip
#: Below each package of ours: files, and folders with all that is in them.
_PARTS: Mapping[Path, tuple[str, ...]] = {
    Path(mlstack.__file__).parent: ("__init__.py", "content", "errors.py", "paths.py", "suggest.py"),
    Path(mlstack_local.__file__).parent: (
        "__init__.py", "captures", "files.py", "gateway/__init__.py", "gateway/config.py", "layout.py",
        "monitors", "notify", "profiles", "remote", "secrets.py", "tables.py",
    ),
    Path(mlstack_serving.__file__).parent: ("__init__.py", "batch.py", "codec.py", "errors.py", "tables.py"),
}  # fmt: skip


@cache
def files() -> Mapping[str, Path]:
    """By their names below a folder that is on Python's path (``mlstack_local/files.py``)."""
    return {
        f"{package.name}/{path.relative_to(package).as_posix()}": path
        for package, parts in _PARTS.items()
        for part in parts
        for path in _of(package / part)
    }


@cache
def packages() -> tuple[str, ...]:
    """Requirements, with the bounds that mlstack itself has."""
    found = {}
    for line in (*(requires("mlstack") or ()), *(requires("mlstack-local") or ())):
        requirement = Requirement(line)
        if requirement.name in _PACKAGES and requirement.marker is None:
            found[requirement.name] = line
    return tuple(found[name] for name in _PACKAGES)


def _of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    yield from (each for each in sorted(path.rglob("*")) if each.suffix in (".py", ".html"))
