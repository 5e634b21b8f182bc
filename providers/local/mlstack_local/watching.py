"""Progress of what a resource reads or fetches, as lines beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from mlstack.content import size

_SECONDS = 2.0


def lines(log: Callable[[str], None], doing: str) -> Callable[[Path | str, int, int], None]:
    """A watcher (`mlstack.content.Watcher`) that logs how far it is, every two seconds at most."""
    last = time.monotonic()

    def watch(path: Path | str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if 0 < done < total and now - last >= _SECONDS:
            last = now
            log(f"{doing}: {100 * done // total} % of {size(total)}")

    return watch
