"""Calls that are over sooner than a thread could take them up are made in the event loop itself.

Measured with a logistic regression of digits, one row a request: 175 µs of processor per request by a thread,
141 µs without. What is slow, or may be, stays in threads, so that health checks are answered meanwhile.
"""

from __future__ import annotations

import math

#: A call may hold up the event loop for so long. Of many the quickest counts: others waited for their turn.
_SECONDS = 0.001
#: One that took longer after all, of the processor or (much passes between on a busy machine) of the clock,
#: is held against it; a few of them in so many calls end the trust.
_TOO_LONG, _TOO_LONG_ASIDE, _FEW, _MANY = 0.005, 0.05, 3, 1000
#: So many calls are watched in a thread before one is trusted, and after a trust that was broken.
_WATCHED, _WATCHED_AFTER = 32, 1024
#: More rows take longer, whatever was seen before.
_BODY = 1 << 13


class Quick:
    """Watches a model's calls. ``native``: it is a library's own, not code that might do anything."""

    def __init__(self, native: bool) -> None:
        self._native = native
        self._made = self._long = 0
        self._left, self._least = _WATCHED, math.inf

    def allows(self, size: int) -> bool:
        """Whether a request with so many bytes is answered without a thread."""
        return self._native and self._left == 0 and size <= _BODY

    def saw(self, size: int, seconds: float) -> None:
        """A call that was made in a thread took so long."""
        if size > _BODY or not self._left:
            return
        self._left -= 1
        self._least = min(self._least, seconds)
        if not self._left and self._least > _SECONDS:
            self._watch(_WATCHED)

    def made(self, seconds: float, processor: float) -> None:
        """A call that was made without one did, and took the processor for so long."""
        self._made += 1
        self._long += processor > _TOO_LONG or seconds > _TOO_LONG_ASIDE
        if self._long >= _FEW:
            self._watch(_WATCHED_AFTER)
        if self._long >= _FEW or self._made >= _MANY:
            self._made = self._long = 0

    def _watch(self, calls: int) -> None:
        self._left, self._least = calls, math.inf
