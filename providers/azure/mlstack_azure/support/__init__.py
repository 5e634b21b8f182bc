"""What the Azure target refuses, each with the way out: one file for each kind of the spec.

A file has ``UNSUPPORTED`` (field path of the spec, or "path=value" -> why not, and what to do instead),
``NO_INPUT`` (fields that make no input of a resource: they act elsewhere), ``WAYS`` where a field is taken in
some company only, and ``refusals``, for what depends on values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_azure.support import (
    budget,
    compute,
    data,
    endpoints,
    environments,
    jobs,
    models,
    monitors,
    notifications,
    pipelines,
    schedules,
    secrets,
    workspace,
)
from mlstack_azure.support.common import Refusal

_KINDS = (
    workspace, secrets, compute, environments, data, jobs, models,
    endpoints, monitors, notifications, pipelines, schedules, budget,
)  # fmt: skip

UNSUPPORTED: Mapping[str, str] = {path: why for kind in _KINDS for path, why in kind.UNSUPPORTED.items()}
NO_INPUT: Mapping[str, str] = {path: why for kind in _KINDS for path, why in kind.NO_INPUT.items()}
WAYS: Mapping[str, Way] = {path: way for kind in _KINDS for path, way in getattr(kind, "WAYS", {}).items()}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for kind in _KINDS:
        yield from kind.refusals(stack)
