"""The user's code as it was deployed: a copy, so that what starts tomorrow runs what was deployed today."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlstack import content
from mlstack.resource import ResourceFailed
from mlstack_local.deployments.inputs import CodePart


def copy_code(root: Path, code: CodePart, target: Path) -> None:
    """Make ``target`` a copy; ResourceFailed where the source is not what the program saw any more."""
    if target.is_dir() and content.version(target) == code.digest:
        return
    shutil.rmtree(target.parent, ignore_errors=True)
    source = root / code.path
    for file in content.files(source):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    if not target.is_dir() or content.version(target) != code.digest:
        raise ResourceFailed(
            f"the code in {code.path} changed while it was being deployed",
            remedy="run `mlstack up` again",
        )
