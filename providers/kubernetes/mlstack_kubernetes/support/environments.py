"""Environments in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering import locks
from mlstack.lowering.locks import requirements
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Environment, Stack

UNSUPPORTED: Mapping[str, str] = {
    "environments.existing": "a cluster keeps no environments: name the image itself, by image: NAME@DIGEST",
    "environments.dockerfile": "a cluster builds no images: build and push it elsewhere, and name it by "
    "image: NAME@DIGEST; or list the packages, which pods install",
    "environments.setup": "pods run without root rights, on a file system that they cannot write to: put "
    "what the commands install into an image, and name it by image: NAME@DIGEST",
}
NO_INPUT: Mapping[str, str] = {
    "environments.image": "jobs and deployments take the image as it is",
}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, environment in stack.environments.items():
        for path, message, remedy in _of(stack, environment):
            yield ("environments", name, *path), message, remedy


def _of(stack: Stack, environment: Environment) -> Iterator[Refusal]:
    for fault in requirements.check(environment.packages, stack.root):
        yield ("packages", int(fault.place)), fault.message, fault.remedy
    listed = locks.of_spec(environment, stack.root)
    if listed.faults:
        message, remedy = listed.told()
        yield ("conda" if environment.conda is not None else "requirements",), message, remedy
