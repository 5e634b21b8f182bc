"""Where things are in a pod, and what volumes of a cluster are called in a spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlstack.lowering.values import join, lift
from mlstack.spec import is_deferred

#: What is unpacked when a pod starts: code, the serving runtime, small models and data.
WORK = "/mnt/mlstack"
ENVIRONMENT = "/mnt/environment"
INPUTS = "/mnt/inputs"
OUTPUTS = "/mnt/outputs"
MODEL = "/mnt/model"
SECRETS = "/mnt/secrets"
LOCK = "/mnt/lock"
PARTS = "/mnt/parts"
TEMPORARY = "/tmp"  # noqa: S108  in a container of its own

#: As KServe writes it: ``pvc://CLAIM/PATH``.
SCHEME = "pvc://"


@dataclass(frozen=True)
class Held:
    """A file or folder on a volume: the name of its claim, and the path in it ("": all of it)."""

    claim: Any
    path: Any

    @property
    def uri(self) -> Any:
        return join(SCHEME, self.claim, "/", self.path)


def held(uri: Any) -> Held:
    """What ``pvc://CLAIM/PATH``, or CLAIM/PATH alone, names. It may be an Output."""
    if not is_deferred(uri):
        return Held(*_parted(uri))
    return Held(lift(uri, lambda text: _parted(text)[0]), lift(uri, lambda text: _parted(text)[1]))


def _parted(uri: str) -> tuple[str, str]:
    claim, _, path = uri.removeprefix(SCHEME).partition("/")
    return claim, path.strip("/")
