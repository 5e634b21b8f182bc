"""``when`` of a pipeline's steps, as data, and which conditions a step is under."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack.spec import Job, Value
from mlstack.spec.pipeline import Step
from mlstack.spec.placeholders import PLACEHOLDER, placeholders

#: The output of a job that conditions read: a file, or ``metrics.json`` in a folder.
METRICS, FILE = "metrics", "metrics.json"
_COMPARISON = re.compile(r"^\s*(\x00|.+?)\s*(==|!=|<=|>=|<|>)\s*(\x00|.+?)\s*$", re.DOTALL)


class Operand(BaseModel):
    """A number of a step, by its path in the file, or a value."""

    model_config = ConfigDict(extra="forbid")

    step: str | None = None
    path: list[str] = Field(default_factory=list)
    value: Any = None


class Comparison(BaseModel):
    model_config = ConfigDict(extra="forbid")

    left: Operand
    sign: str
    right: Operand


def parse(when: str) -> list[list[Comparison]]:
    """A condition that the spec has checked: it holds where all of one of the lists do. ``and`` binds before
    ``or``."""
    found = iter(placeholders(when))
    text = PLACEHOLDER.sub("\x00", when)
    return [
        [_comparison(each, found) for each in re.split(r"\s+and\s+", part)]
        for part in re.split(r"\s+or\s+", text)
    ]


def asked(step: Step) -> set[str]:
    """The steps whose metrics a condition reads."""
    return {each.parts[1] for each in placeholders(step.when)} if step.when is not None else set()


def before(step: Step) -> set[str]:
    """The steps that a step comes after: those it needs or reads from. What its condition reads comes before
    the condition."""
    read = {
        given.split(".")[1]
        for given in step.inputs.values()
        if not isinstance(given, Value) and given.startswith("steps.")
    }
    return {*step.needs, *read}


def under(steps: Mapping[str, Step]) -> dict[str, list[str]]:
    """Step -> the steps of which the conditions have to hold for it: "this step and those that need it are
    left out"."""
    found: dict[str, set[str]] = {}

    def of(name: str) -> set[str]:
        if name not in found:
            found[name] = set()  # steps in a circle are refused elsewhere
            step = steps[name]
            own = {name} if step.when is not None else set()
            found[name] = own.union(*(of(other) for other in before(step) | asked(step) if other in steps))
        return found[name]

    return {name: sorted(of(name)) for name in steps}


def has_metrics(job: Job) -> bool:
    return METRICS in job.outputs


def _comparison(text: str, found: Iterator[Any]) -> Comparison:
    match = _COMPARISON.match(text)
    assert match is not None, text
    left, sign, right = match.groups()
    return Comparison(left=_operand(left, found), sign=sign, right=_operand(right, found))


def _operand(text: str, found: Iterator[Any]) -> Operand:
    if text == "\x00":
        _, step, _, *path = next(found).parts
        return Operand(step=step, path=path)
    if text in ("true", "false"):
        return Operand(value=text == "true")
    if text[0] in "'\"":
        return Operand(value=text[1:-1])
    return Operand(value=float(text) if "." in text or "e" in text.lower() else int(text))
