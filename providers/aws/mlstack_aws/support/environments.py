"""Environments on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering import packages
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Environment, Stack

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "environments.image": Way(
        "of ECR as it is; of elsewhere it is copied there",
        value="123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:1",
    ),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, environment in stack.environments.items():
        for path, message, remedy in _of(stack, name, environment):
            yield ("environments", name, *path), message, remedy


def _of(stack: Stack, name: str, environment: Environment) -> Iterator[Refusal]:
    if environment.existing is not None or environment.image is not None:
        return
    if environment.dockerfile is not None:
        if not (stack.root / environment.dockerfile).is_file():
            message = f"there is no {environment.dockerfile}"
            yield ("dockerfile",), message, "paths are relative to the spec's folder"
        return
    for fault in packages.of_spec(environment, stack.root, name).faults:
        place: tuple[str | int, ...] = ("conda",) if environment.conda is not None else ("requirements",)
        field, _, number = fault.place.partition(".")
        if field == "packages":
            place = ("packages", int(number))
        shown = fault.message if field == "packages" else f"{fault.place}: {fault.message}"
        yield place, shown, fault.remedy
