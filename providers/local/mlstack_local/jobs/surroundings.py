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
    """Everything that is the same for all processes of a run. Raises FileNotFoundError for a lost secret."""
    path = f"{request.environment}/bin{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **cleaned(os.environ),
        "PATH": path,
        "VIRTUAL_ENV": request.environment,
        "PYTHONUNBUFFERED": "1",
        **request.env,
        **{variable: Path(file).read_bytes().decode() for variable, file in request.secrets.items()},
    }


def of_ranks(processes: int) -> list[dict[str, str]]:
    """torchrun's variables for each process of one machine; none for a single process."""
    if processes == 1:
        return [{}]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    everywhere = {
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "GROUP_RANK": "0",
        "NODE_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    return [{**everywhere, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(processes)]
