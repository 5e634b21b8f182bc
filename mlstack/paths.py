"""Where mlstack keeps what may be thrown away and made again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """The root of mlstack's caches: ``$MLSTACK_CACHE``, else the user's cache folder. May not exist yet."""
    chosen = os.environ.get("MLSTACK_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("mlstack", appauthor=False))
