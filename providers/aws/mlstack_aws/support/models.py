"""Models on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_aws import uris

_PACKAGE = re.compile(r"arn:aws[\w-]*:sagemaker:[\w-]+:\d{12}:model-package/.+|[A-Za-z0-9-]{1,63}/\d+")

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "models.registry": Way("by GROUP/NUMBER, or the model package's whole ARN", value="digits/3"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.models.items():
        if refusal := uris.unusable(stack, ("models", name, "path"), held.path):
            yield refusal
        registry = held.registry
        if isinstance(registry, str) and not _PACKAGE.fullmatch(registry):
            yield (
                ("models", name, "registry"),
                f"{registry!r} is no model package of SageMaker's registry",
                "write GROUP/NUMBER, as digits/3, or the model package's ARN",
            )
