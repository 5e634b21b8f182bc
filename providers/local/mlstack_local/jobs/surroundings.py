"""The variables that a job's processes see."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from mlstack_local.jobs.record import Request

#: Never handed on: this project's and the engine's own, and what would mix another Python into the job's.
_OURS = ("MLSTACK_", "PULUMI_", "COVERAGE_", "COV_CORE_")
_FOREIGN = {
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "PYTHONHOME",
    "PYTHONPATH",
    "CONDA_PREFIX",
    "__PYVENV_LAUNCHER__",
}


def cleaned(environment: Mapping[str, str], *, keep: tuple[str, ...] = ()) -> dict[str, str]:
    """The user's own variables, and those that begin with one of ``keep``."""
    return {
        key: value
        for key, value in environment.items()
        if key.startswith(keep) or (not key.startswith(_OURS) and key not in _FOREIGN)
    }


def of_command(request: Request) -> dict[str, str]:
    """Everything that is the same for all processes of a run. Raises FileNotFoundError for a lost secret.

    The later wins: the variables around `mlstack`, its own (PATH, VIRTUAL_ENV, PYTHONUNBUFFERED), the job's
    ``env``, its ``secrets``; then those of `of_ranks`.
    """
    path = f"{request.environment}/bin{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **cleaned(os.environ),
        "PATH": path,
        "VIRTUAL_ENV": request.environment,
        "PYTHONUNBUFFERED": "1",
        **request.env,
        **secret_values(request),
    }


def secret_values(request: Request) -> dict[str, str]:
    """Variable -> value. Raises FileNotFoundError for one that is lost."""
    return {variable: Path(file).read_bytes().decode() for variable, file in request.secrets.items()}


def of_ranks(nodes: int, processes: int) -> list[dict[str, str]]:
    """torchrun's variables for each process, all on this machine: ``processes`` for each of ``nodes`` groups;
    none for a single process."""
    if nodes * processes == 1:
        return [{}]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    everywhere = {
        "WORLD_SIZE": str(nodes * processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "GROUP_WORLD_SIZE": str(nodes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    return [
        {
            **everywhere,
            "RANK": str(node * processes + local),
            "LOCAL_RANK": str(local),
            "GROUP_RANK": str(node),
            "NODE_RANK": str(node),
        }
        for node in range(nodes)
        for local in range(processes)
    ]
