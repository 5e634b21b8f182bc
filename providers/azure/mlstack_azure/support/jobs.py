"""Jobs on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    """Names of inputs and outputs are identifiers there (azure-ai-ml, ``IOConstants.VALID_KEY_PATTERN``)."""
    for job, spec in stack.jobs.items():
        for field, names in (("inputs", spec.inputs), ("outputs", spec.outputs)):
            for name in names:
                if "-" in name:
                    yield (
                        ("jobs", job, field, name),
                        f"Azure ML takes no hyphen in the name of what a job reads or writes: {name}",
                        f"write {name.replace('-', '_')}, here and in the command",
                    )
