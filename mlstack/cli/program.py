"""The program that the engine runs: a spec deployed, or a folder's __main__.py run inline."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlstack.spec import Stack

_OURS = Path(__file__).parent.parent


def of_spec(spec: Stack) -> Callable[[], None]:
    def program() -> None:
        from mlstack.program import deploy

        deploy(spec)

    return program


def of_folder(folder: Path) -> Callable[[], None]:
    """Runs ``folder/__main__.py`` as Pulumi does: in its folder, with its own modules to import.

    The working directory stays there: what the program has deferred (``apply``) runs after it returned.
    """

    def program() -> None:
        forget_modules(folder)
        os.chdir(folder)
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    return program


def forget_modules(folder: Path) -> None:
    """Unload the folder's own modules.

    `up` runs a program twice, to preview and to apply. A module that stayed loaded would make its
    resources the first time only, and the second run would take them for deleted.
    """
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or name == "__main__":
            continue
        path = Path(file)
        installed = "site-packages" in path.parts or path.is_relative_to(_OURS)
        if path.is_relative_to(folder) and not installed:
            del sys.modules[name]
