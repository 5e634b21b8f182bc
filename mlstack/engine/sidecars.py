"""What a kill can leave beside the engine's own files, and how it is put right.

The engine replaces its state in one step, but not the file of attributes that its storage library keeps
beside it (`NAME.attrs`, gocloud.dev's fileblob): that one is truncated and then written. A kill between the
two leaves it empty, and then the state, whole as it is, "failed to load checkpoint: EOF". Without the file
all is well: it says nothing that the engine asks for.
"""

from __future__ import annotations

import time
from pathlib import Path

#: Seconds after which an empty file is no longer one that is just being written.
_SETTLED = 1.0


def mend(backend: Path, project: str) -> None:
    """Remove the empty ones of a project's states, and of the backend itself."""
    own = backend / ".pulumi"
    for file in (own / "meta.yaml.attrs", *(own / "stacks" / project).glob("*.attrs")):
        try:
            found = file.stat()
        except FileNotFoundError:
            continue
        if found.st_size == 0:
            time.sleep(max(0.0, min(_SETTLED, found.st_mtime + _SETTLED - time.time())))
            if file.exists() and file.stat().st_size == 0:
                file.unlink(missing_ok=True)
