"""Progress for a person: on a terminal one line that changes, elsewhere a line for each message."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mlstack.obtain.stream import Progress


@contextmanager
def shown(subject: str) -> Iterator[Progress]:
    """On standard error, each line after the ``subject`` that it is about."""
    if not sys.stderr.isatty():
        yield lambda text: print(f"{subject}: {text}", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(f"looking for the {subject}") as status:
        yield lambda text: status.update(f"{subject}: {escape(text)}")
