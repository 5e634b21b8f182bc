"""What the tables of refusals share."""

from __future__ import annotations

from typing import Any

from mlstack.lowering.support import Refusal
from mlstack.spec import Stack
from mlstack.spec.machine import Machine
from mlstack.suggest import hint
from mlstack_kubernetes import gpus
from mlstack_kubernetes.paths import SCHEME
from mlstack_kubernetes.settings import Settings

Place = tuple[str | int, ...]


def settings_of(stack: Stack) -> Settings:
    try:
        return Settings.model_validate(stack.settings.get("kubernetes", {}))
    except ValueError:  # told where settings are checked
        return Settings()


def unusable_path(stack: Stack, place: Place, path: Any) -> Refusal | None:
    """The refusal of a path that is not there, or of a URI that is not read; None: it will do."""
    if not isinstance(path, str):
        return None
    if path.startswith(SCHEME):
        return _unusable_claim(place, path)
    if "://" in path:
        return (
            place,
            f"pods have no credentials for {path.partition('://')[0]}://: they read what is in the project "
            "or on a volume of the cluster",
            "copy it into a volume, and name it by pvc://CLAIM/PATH; or fetch it in a job, with a secret",
        )
    if not (stack.root / path).exists():
        return place, f"there is no {path}", "paths are relative to the spec's folder"
    return None


def _unusable_claim(place: Place, uri: str) -> Refusal | None:
    if uri.removeprefix(SCHEME).partition("/")[0]:
        return None
    return place, f"{uri!r} names no claim", "write pvc://CLAIM/PATH"


def unknown_gpu(place: Place, machine: Machine) -> Refusal | None:
    gpu = machine.gpu
    if gpu is None or gpu.type in gpus.LABELS:
        return None
    return (
        (*place, "gpu"),
        f"it is not known how nodes with {gpu.type} are labelled",
        hint(gpu.type, gpus.LABELS),
    )
