"""The plain Pulumi project of a live stack: what mlstack's commands are measured beside.

`write` ejects a live project, and gives its program a copy of the state: `pulumi preview` there finds
nothing to change.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from mlstack.engine import passphrase
from mlstack.engine.plugins import plugin_folder

MLSTACK = Path(sys.executable).with_name("mlstack")


def host() -> bool:
    """Whether the engine can run a Python program by itself."""
    return shutil.which("pulumi-language-python") is not None


def write(
    live: Path, state: Path, folder: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Make the plain project of the stack in ``state``; what `pulumi` needs as environment."""
    command = [MLSTACK, "eject", folder, "--json"]
    subprocess.run(command, cwd=live, env=dict(environment), check=True, capture_output=True)
    file = folder / "Pulumi.yaml"
    manifest = dict(YAML(typ="safe", pure=True).load(file.read_text()))
    manifest["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix, "toolchain": "pip"}}
    manifest["plugins"] = {"providers": [{"name": "mlstack", "path": str(plugin_folder())}]}
    file.write_text(json.dumps(manifest))
    shutil.copytree(state, folder / "state")
    return {
        **environment,
        **passphrase.variables(),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "MLSTACK_ROOT": str(live),
    }
