"""What the local target refuses, each with the way out: one file for each kind of the spec.

A file has ``UNSUPPORTED`` (field path of the spec, or "path=value" -> why not, and what to do instead),
``NO_INPUT`` (fields that make no input: they have no meaning here, and leaving them in does no harm) and
``refusals``, for what depends on values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support import compute, data, endpoints, environments, jobs, models, monitors, others
from mlstack_local.support.common import Refusal

_KINDS = (others, compute, environments, data, jobs, models, endpoints, monitors)

UNSUPPORTED: Mapping[str, str] = {path: why for kind in _KINDS for path, why in kind.UNSUPPORTED.items()}
NO_INPUT: Mapping[str, str] = {path: why for kind in _KINDS for path, why in kind.NO_INPUT.items()}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for kind in _KINDS:
        yield from kind.refusals(stack)
