"""Environments: virtual ones, from packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.locks import requirements
from mlstack.spec import Environment, Stack
from mlstack_local import environments
from mlstack_local.support.common import IN_A_CLOUD, Refusal

_VIRTUAL = (
    "environments here are virtual ones: list the packages, or name their file in requirements: or conda:"
)

UNSUPPORTED: Mapping[str, str] = {
    "environments.existing": "list its packages, or name its file in requirements: FILE or conda: FILE",
    "environments.image": f"{_VIRTUAL}; or {IN_A_CLOUD}",
    "environments.dockerfile": f"{_VIRTUAL}; or {IN_A_CLOUD}",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, environment in stack.environments.items():
        for path, message, remedy in _of(stack, environment):
            yield ("environments", name, *path), message, remedy


def _of(stack: Stack, environment: Environment) -> Iterator[Refusal]:
    for fault in requirements.check(environment.packages, stack.root):
        yield ("packages", int(fault.place)), fault.message, fault.remedy
    field = "conda" if environment.conda is not None else "requirements"
    listed = environments.of_spec(environment, stack.root)
    if listed.faults:
        message, remedy = listed.told()
        yield (field,), message, remedy
    for index, command in enumerate(environment.setup):
        if program := environments.machine_wide(command):
            yield (
                ("setup", index),
                f"{program} is not run: it changes the machine for everybody, or needs another user's rights",
                "install that on this machine yourself, and set `setup` without it in mlstack.dev-local.yaml",
            )
