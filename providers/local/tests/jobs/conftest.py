from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_local.jobs import JobInputs, RunFolder, control

from mlstack.resource import Context

Make = Callable[..., JobInputs]


@pytest.fixture
def job(context: Context) -> Iterator[Make]:
    """Inputs of a job; whatever of it still runs is stopped afterwards."""

    def make(command: str, **changes: Any) -> JobInputs:
        given = {"stack_uid": "uid", "name": "train", "command": command, "environment": ""}
        return JobInputs.model_validate({**given, **changes})

    yield make
    for path in (context.root / ".mlstack").rglob("request.json"):
        control.stop(RunFolder(path.parent))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    return folder
