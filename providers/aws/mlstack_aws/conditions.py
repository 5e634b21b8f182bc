"""``when`` of a pipeline's steps as SageMaker's condition steps have it.

A step with a condition, and all that need it, are within the branch of a condition step; within that there
may be others. Source: SageMaker Pipelines, "Pipeline Definition JSON Schema".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.spec import Job, Value
from mlstack.spec.pipeline import Step
from mlstack.spec.placeholders import PLACEHOLDER, placeholders

#: The output of a job that conditions read: a file, or ``metrics.json`` in a folder.
METRICS = "metrics"
_TYPES = {
    "==": "Equals",
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqualTo",
    "<": "LessThan",
    "<=": "LessThanOrEqualTo",
}
_COMPARISON = re.compile(r"^\s*(\x00|.+?)\s*(==|!=|<=|>=|<|>)\s*(\x00|.+?)\s*$", re.DOTALL)


def conditions(when: str) -> list[dict[str, Any]]:
    """The list of a condition step, which holds where all of it does. ``and`` binds before ``or``."""
    found = iter(placeholders(when))
    text = PLACEHOLDER.sub("\x00", when)
    either = [
        [_comparison(each, found) for each in re.split(r"\s+and\s+", part)]
        for part in re.split(r"\s+or\s+", text)
    ]
    if len(either) == 1:
        return either[0]
    # a list within "Or" is of single conditions: several that hold together are "not any of them not"
    return [{"Type": "Or", "Conditions": [_all(each) for each in either]}]


def file_of(job: Job) -> str | None:
    """Where the numbers of a job are, below its output `METRICS`; None: it has none."""
    output = job.outputs.get(METRICS)
    return None if output is None else METRICS if output.type == "file" else "metrics.json"


def asked(step: Step) -> set[str]:
    """The steps whose metrics a condition reads."""
    return {each.parts[1] for each in placeholders(step.when)} if step.when is not None else set()


def before(step: Step) -> set[str]:
    """The steps that a step comes after: those it needs, reads from, or whose metrics decide about it."""
    read = {
        given.split(".")[1]
        for given in step.inputs.values()
        if not isinstance(given, Value) and given.startswith("steps.")
    }
    return {*step.needs, *read, *asked(step)}


def guards(steps: Mapping[str, Step]) -> dict[str, tuple[str, ...]]:
    """Step -> the steps with conditions that it is within, from the outermost, itself among them where it has
    one. Raises ValueError (two names) where a step would be within two that are in no order."""
    found: dict[str, tuple[str, ...]] = {}

    def of(name: str) -> tuple[str, ...]:
        if name not in found:
            found[name] = ()  # steps in a circle are refused elsewhere
            chains = sorted((of(other) for other in before(steps[name]) if other in steps), key=len)
            longest = chains[-1] if chains else ()
            for chain in chains:
                if longest[: len(chain)] != chain:
                    raise ValueError(chain[-1], longest[-1])
            found[name] = (*longest, name) if steps[name].when is not None else longest
        return found[name]

    for name in steps:
        of(name)
    return found


def _comparison(text: str, found: Iterator[Any]) -> dict[str, Any]:
    match = _COMPARISON.match(text)
    assert match is not None, text  # the spec has checked it
    left, sign, right = match.groups()
    values = {"LeftValue": _operand(left, found), "RightValue": _operand(right, found)}
    if sign == "!=":
        return {"Type": "Not", "Expression": {"Type": "Equals", **values}}
    return {"Type": _TYPES[sign], **values}


def _operand(text: str, found: Iterator[Any]) -> Any:
    if text == "\x00":
        _, step, _, *path = next(found).parts
        return {
            "Std:JsonGet": {
                "PropertyFile": {"Get": f"Steps.{step}.PropertyFiles.{METRICS}"},
                "Path": ".".join(path),
            }
        }
    if text in ("true", "false"):
        return text == "true"
    if text[0] in "'\"":
        return text[1:-1]
    return float(text) if "." in text else int(text)


def _all(several: list[dict[str, Any]]) -> dict[str, Any]:
    if len(several) == 1:
        return several[0]
    return {
        "Type": "Not",
        "Expression": {"Type": "Or", "Conditions": [{"Type": "Not", "Expression": each} for each in several]},
    }
