"""Modules of SDKs that a program will need, imported while the engine starts.

The engine takes seconds to read a state and to start the providers in it, and the program waits for that.
What the state holds tells which modules the program is about to import.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from importlib import import_module
from threading import Thread


def warm(program: Callable[[], object], held: Collection[str]) -> Callable[[], None]:
    """The program, after an import of all modules of the types ``held``, which begins now."""
    names = sorted({name for each in held for name in _modules(each)})
    thread = Thread(target=_load, args=(names,), name="warm", daemon=True)
    thread.start()

    def run() -> None:
        thread.join()  # modules of SDKs load at first use, and for two threads at once they do not
        program()

    return run


def _modules(type: str) -> Iterator[str]:
    """Where an SDK has a type: "package:module:Type", or "package:module/version:Type"."""
    package, *within = type.split(":")
    if len(within) == 2 and package not in ("pulumi", "mlstack"):
        module, _, version = within[0].partition("/")
        sdk = f"pulumi_{package.replace('-', '_')}"
        yield f"{sdk}.{module}"
        if version:
            yield f"{sdk}.{module}.{version}"


def _load(names: Collection[str]) -> None:
    for name in names:
        # a name that was guessed wrong is no module; what is broken says so where it is used
        with suppress(Exception):
            getattr(import_module(name), "loaded", None)  # the first use of a module that is lazy
