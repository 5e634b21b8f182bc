"""What is wrong with a file that lists packages, all of it at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that cannot be carried over. ``place`` is "file:line", or "" where there is no file."""

    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True)
class Listed:
    """What a file asks for. ``requirements`` and ``constraints`` as pip writes them; no ``python``: not said.

    ``warnings`` are about parts of the file that have no effect here.
    """

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    python: str | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()

    def told(self) -> tuple[str, str]:
        """All faults as one message, and their remedies, each once."""
        message = "\n".join(map(str, self.faults))
        return message, "; ".join(dict.fromkeys(fault.remedy for fault in self.faults))
