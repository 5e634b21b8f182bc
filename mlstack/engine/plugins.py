"""Our provider's executable, where the engine can start it.

The engine takes it from a path in the work directory's Pulumi.yaml: so each installation of mlstack
starts its own, several of them do not meet, and nothing is written to the user's plugin folder.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from mlstack.errors import EngineError

EXECUTABLE = "pulumi-resource-mlstack"


def plugin_folder() -> Path:
    """The folder that holds the executable: beside this interpreter, else on PATH."""
    beside = Path(sys.executable).parent / EXECUTABLE
    if beside.is_file():
        return beside.parent
    found = shutil.which(EXECUTABLE)
    if found is None:
        raise EngineError(
            f"{EXECUTABLE} is not there",
            code="no-plugin",
            remedy="install mlstack again: its executables belong together",
        )
    return Path(found).parent
