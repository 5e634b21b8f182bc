"""Where mlstack keeps what is not a project's own."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """The root of mlstack's caches, which may be thrown away: ``$MLSTACK_CACHE``, else the user's cache
    folder. May not exist yet."""
    chosen = os.environ.get("MLSTACK_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("mlstack", appauthor=False))


def state_dir() -> Path:
    """The root of what runs for a user and belongs to no project. May not exist yet."""
    return Path(platformdirs.user_state_dir("mlstack", appauthor=False))
