"""The choices that a stack keeps: made once, in its config, and made anew only when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Choices:
    """``held`` are those of the stack's config by key, ``made`` those of this run.

    ``anew``: what is held does not count (``--replan``). ``keep`` is told of all choices of this run before
    anything is made by them, so that an apply that is killed has kept what it went by.
    """

    held: Mapping[str, str] = field(default_factory=dict)
    anew: bool = False
    keep: Callable[[Mapping[str, str]], None] = lambda _made: None
    made: dict[str, str] = field(default_factory=dict)
    _together: bool = False
    _unkept: bool = False

    def get(self, key: str) -> str | None:
        """The choice under the key, if there is one."""
        return self.made.get(key, None if self.anew else self.held.get(key))

    def put(self, key: str, value: str) -> None:
        changed = self.get(key) != value or self.anew
        self.made[key] = value
        self._unkept |= changed
        self._flush()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Choices made within are kept at once at its end: a program's resources are asked for only then."""
        self._together = True
        yield
        self._together = False
        self._flush()

    def _flush(self) -> None:
        if self._unkept and not self._together:
            self.keep(self.made)
            self._unkept = False

    def pinned(self, key: str, choose: Callable[[], str]) -> str:
        found = self.get(key)
        value = choose() if found is None else found
        self.put(key, value)
        return value
