"""The serving runtime as files that go beside a user's own code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import mlstack_serving

_SERVING = Path(mlstack_serving.__file__).parent


@cache
def runtime() -> Mapping[str, Path]:
    """The files of the serving runtime by their names in the upload (``mlstack_serving/app.py``)."""
    return {
        f"mlstack_serving/{path.relative_to(_SERVING).as_posix()}": path
        for path in sorted(_SERVING.rglob("*"))
        if path.is_file() and path.suffix in (".py", ".html")
    }
