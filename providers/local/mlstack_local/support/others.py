"""What is of the stack as a whole, and kinds that have no file of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import IN_A_CLOUD, Refusal

UNSUPPORTED: Mapping[str, str] = {
    "workspace": f"this machine is the workspace: leave it out, or {IN_A_CLOUD}",
    "budget": f"this machine costs nothing: leave it out, or {IN_A_CLOUD}",
    "pipelines": "jobs that refer to each other's outputs run in their order: use those",
    "schedules": "nothing here keeps the time: call `mlstack up` from cron",
    "policies": "no policy is checked yet: leave it out",
    "security=strict": f"this machine has no private network and no keys to manage: {IN_A_CLOUD}",
    "secrets.keyvault": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.secretsmanager": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.secretmanager": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.vault": "export the value as a variable, and name it by env: VARIABLE",
}
NO_INPUT: Mapping[str, str] = {
    "region": "there is one place, this machine",
    "tags": "nothing on this machine carries tags",
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
