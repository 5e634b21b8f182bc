"""Makes a provider findable by its entry point without installing it."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack import registry

_GROUP = registry.GROUP


@contextmanager
def discoverable(project: Path) -> Iterator[None]:
    """For the time of the block, the distribution in a folder (its pyproject.toml and modules) counts as
    installed: in this process, and in those that it starts (by PYTHONPATH)."""
    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    with entry_points(declared["name"], declared["entry-points"][_GROUP], project):
        yield


@contextmanager
def entry_points(name: str, points: dict[str, str], modules: Path) -> Iterator[None]:
    """For the time of the block, providers by their entry points ({"folder": "mlstack_folder:Folder"}),
    from modules in the folder ``modules``."""
    with tempfile.TemporaryDirectory(prefix="mlstack-testing-") as scratch:
        info = Path(scratch) / f"{name.replace('-', '_')}-0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
        lines = [f"{key} = {value}" for key, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{_GROUP}]", *lines, ""]))
        added = [scratch, str(modules.resolve())]
        before = os.environ.get("PYTHONPATH")
        sys.path[:0] = added
        os.environ["PYTHONPATH"] = os.pathsep.join([*added, *([before] if before else [])])
        _forget()
        try:
            yield
        finally:
            for path in added:
                sys.path.remove(path)
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before
            _forget()


def _forget() -> None:
    registry.provider.cache_clear()
    importlib.invalidate_caches()
