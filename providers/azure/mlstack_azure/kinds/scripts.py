"""The score script of a deployment: the user's own, or one that brings mlstack's serving runtime along.

Azure's servers call ``init()`` and ``run(raw_data)``, and in batch ``run(mini_batch)`` with paths of
files. A script that is written for exactly that is uploaded as it is. Any other (``run(data)`` with rows,
a class with ``load`` and ``predict``), and a model that a flavor loads, goes up beside the serving
runtime, behind a script of the same name that translates; so the same file answers in the same way on
every target.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from mlstack.lowering import serving, staging
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_azure.tree import TREE

_OWN = "mlstack_user"
_SCRIPT = "score.py"

_ONLINE = '''"""Written by mlstack: Azure's inference server calls init() and run()."""

from pathlib import Path

from mlstack_serving.hosted import Online

_served = Online({settings})


def init():
    _served.init()


def run(raw_data):
    return _served.run(raw_data)
'''

_BATCH = '''"""Written by mlstack: Azure's batch driver calls init() and run()."""

from pathlib import Path

from mlstack_serving.hosted import Files

_served = Files({settings})


def init():
    _served.init()


def run(mini_batch):
    return _served.run(mini_batch)
'''


def code(build: Build, name: str, spec: Deployment, flavor: str | None, *, batch: bool) -> tuple[Any, str]:
    """(id of the code asset, name of the script in it)."""
    from mlstack_azure.code import code_version

    field = f"deployments.{name}.code"
    if spec.code is not None and _is_native(build.root / spec.code.dir / spec.code.script, batch=batch):
        return code_version(build, spec.code.dir, name, field=field), spec.code.script
    files: dict[str, str | Path] = dict(serving.runtime())
    if spec.code is None:
        script, settings = _SCRIPT, f"flavor={flavor!r}"
    else:
        script = Path(spec.code.script).name
        settings = f"code=str(Path(__file__).parent / {_OWN!r}), script={spec.code.script!r}"
        own = build.root / spec.code.dir
        files |= {f"{_OWN}/{name}": own / name for name in TREE.files(own)}
    if spec.capture is not None:
        settings += ", capture=True"
    files[script] = (_BATCH if batch else _ONLINE).format(settings=settings)
    return code_version(build, staging.folder(build, "azure", name, files=files), name, field=field), script


def _is_native(script: Path, *, batch: bool) -> bool:
    """Whether the script's ``run`` takes what Azure's server hands over: ``raw_data`` as text, or in batch a
    parameter that is annotated as a list of paths."""
    try:
        tree = ast.parse(script.read_text())
    except (OSError, SyntaxError, ValueError):
        return False
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "run" and node.args.args:
            first = node.args.args[0]
            if batch:
                return first.annotation is not None and "ist[str]" in ast.unparse(first.annotation)
            return first.arg == "raw_data"
    return False
