"""How far a transfer is, told every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mlstack.content import size as shown_size

_SPEAK_EVERY = 5.0


@dataclass
class Progress:
    """Tells, every few seconds, how far it is."""

    total: int
    log: Callable[[str], None]
    done: int = 0
    _began: float = field(default_factory=time.monotonic)
    _spoke: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, count: int) -> None:
        with self._lock:
            self.done += count
            now = time.monotonic()
            if now - self._spoke < _SPEAK_EVERY:
                return
            self._spoke = now
            rate = self.done / (now - self._began)
        share = 100 * self.done // self.total if self.total else 100
        self.log(
            f"{shown_size(self.done)} of {shown_size(self.total)} sent ({share} %), {shown_size(int(rate))}/s"
        )
