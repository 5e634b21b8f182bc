"""Secrets in a job: fetched from Key Vault by the job's identity, just before its command.

Azure ML has no reference to a secret in a command job's variables, and a value in them would be in the
run's record for all to read. So the variables hold the secrets' addresses, and the command begins with a
script that turns them into the values. It needs a Python in the image, and nothing else.
"""

from __future__ import annotations

import base64
from importlib.resources import files

from mlstack_azure.runs import FETCHING, SECRET_PREFIX

_SCRIPT = files("mlstack_azure").joinpath("fetch_secrets.py").read_text(encoding="utf-8")
_ENCODED = base64.b64encode(_SCRIPT.encode()).decode()

#: Before a command. The status of an assignment is that of what it runs, which `eval` alone would hide.
PREFIX = (
    f'{FETCHING[0]}python -c "import base64;exec(base64.b64decode(\'{_ENCODED}\'))")" '
    f'&& eval "$mlstack_secrets" {FETCHING[1]}'
)


def command(text: str) -> str:
    """The command with the fetching before it; all of it counts as one."""
    return f"{PREFIX}{{ {text.rstrip()}\n}}"


def variable(name: str) -> str:
    """The variable that holds the address of the secret behind ``name``."""
    return f"{SECRET_PREFIX}{name}"
