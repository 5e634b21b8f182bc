"""How vLLM is started for a deployment whose server is ``vllm``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

IMAGE = "vllm/vllm-openai:v0.11.0"
PORT = 8000


def words(
    model: str, settings: Mapping[str, Any], *, revision: str | None = None, port: int = PORT
) -> list[str]:
    """The words of its command line, each quoted for a shell; ``model`` is written as it is (it may be a
    variable). ``settings`` are its own options, with `_` for `-`."""
    found = ["vllm", "serve", model]
    if revision is not None:
        found += ["--revision", shlex.quote(revision)]
    found += ["--host", "0.0.0.0", "--port", str(port)]  # noqa: S104  a container's port
    for key, value in settings.items():
        flag = f"--{key.replace('_', '-')}"
        if value is True:
            found.append(flag)
        elif value is False:
            found.append(f"--no-{key.replace('_', '-')}")
        elif value is not None:
            text = value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
            found += [flag, shlex.quote(str(text))]
    return found
