"""The serving runtime for a worker's interpreter: a copy in the cache, named by its content.

A worker runs in a user's environment, which has what `mlstack_serving` needs but not the package itself;
our own site-packages must not be on its path.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import mlstack_serving

from mlstack import content
from mlstack.paths import cache_dir
from mlstack.resource import ResourceFailed

_SOURCE = Path(mlstack_serving.__file__).parent


@cache
def runtime() -> str:
    """Version of the installed `mlstack_serving`: a new one makes new workers."""
    return content.version(_SOURCE)


def folder(version: str) -> Path:
    """The folder for a worker's PYTHONPATH; made when it is not there."""
    target = cache_dir() / "serving" / version
    if target.is_dir():
        return target
    if version != content.version(_SOURCE):
        raise ResourceFailed(
            f"version {version} of the serving runtime is not in the cache any more",
            remedy="run `mlstack up`: it takes the installed version",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{version}."))
    try:
        package = made / _SOURCE.name
        for file in content.files(_SOURCE):
            copy = package / file.relative_to(_SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
        made.chmod(0o755)
        try:
            os.rename(made, target)  # noqa: PTH104 - must fail on a folder that another process made
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target
