"""What a rule is: a fact of the platform, where it stands, and how inputs are judged by it.

There are two sorts. A `Rule` looks at the inputs of one resource alone, so it speaks in previews too. A
`Condition` looks at what is there as well (a deployment that traffic names), so it speaks when the platform
would: at the create or update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mlstack.rehearsal import CloudFault, view
from mlstack.resource import UNKNOWN

Problem = tuple[str, str]
"""Path of the input, as on the wire, and what is wrong with it."""

NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
QUOTAS = "learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"
LEARN = "learn.microsoft.com/azure/machine-learning/"
REST = "learn.microsoft.com/rest/api/"
AML = "azure-ai-ml 1.35.2, azure/ai/ml/"


class View(view.View):
    """Inputs of a resource."""

    def missing(self, path: str) -> bool:
        """Surely not there."""
        return self.raw(path) in (None, "")

    def given(self, path: str) -> bool:
        """Surely there."""
        return self.raw(path) not in (None, "", UNKNOWN)

    def list(self, path: str) -> list[tuple[int, View]]:
        """The items of a list that are maps, with their index."""
        return [(at, View(one)) for at, one in self.maps(path)]


class Site(Protocol):
    """What a condition may ask of the emulated cloud."""

    subscription: str

    def body(self, id: str) -> dict[str, Any] | None:
        """The ARM body of what is there under an id."""

    def children(self, id: str, collection: str) -> dict[str, dict[str, Any]]:
        """Name -> ARM body of the resources in a collection below an id ("deployments")."""

    def attached(self, id: str, arm: str) -> list[dict[str, Any]]:
        """The ARM bodies of a type that point at an id ("Microsoft.Insights/autoscaleSettings")."""


@dataclass(frozen=True)
class Rule:
    code: str
    tokens: frozenset[str]
    source: str
    judge: Callable[[View], Iterable[Problem]]


@dataclass(frozen=True)
class Condition:
    """``verb``: "put" (create and update) or "delete". ``judge`` gets the site, the id, the inputs (those
    that it was made with, for a delete) and the body that is there now (None: nothing)."""

    code: str
    tokens: frozenset[str]
    source: str
    verb: str
    judge: Callable[[Site, str, View, dict[str, Any] | None], Iterable[CloudFault]]


RULES: list[Rule] = []
CONDITIONS: list[Condition] = []


def rule(code: str, *tokens: str, source: str) -> Callable[[Callable[[View], Iterator[Problem]]], Any]:
    """Enter a function in the table of rules."""

    def enter(judge: Callable[[View], Iterator[Problem]]) -> Any:
        RULES.append(Rule(code, frozenset(tokens), source, judge))
        return judge

    return enter


def condition(
    code: str, *tokens: str, source: str, verb: str = "put"
) -> Callable[[Callable[[Site, str, View, dict[str, Any] | None], Iterator[CloudFault]]], Any]:
    """Enter a function in the table of conditions."""

    def enter(judge: Callable[[Site, str, View, dict[str, Any] | None], Iterator[CloudFault]]) -> Any:
        CONDITIONS.append(Condition(code, frozenset(tokens), source, verb, judge))
        return judge

    return enter


def one_of(code: str, token: str, path: str, allowed: Iterable[str], source: str) -> None:
    """A rule: the text at ``path`` is one of these, without regard to case as the platform reads it."""
    values = tuple(allowed)
    lowered = {value.lower() for value in values}

    def judge(x: View) -> Iterator[Problem]:
        value = x[path]
        if isinstance(value, str) and value.lower() not in lowered:
            yield path, f"{value!r} is not one of {', '.join(values)}"

    RULES.append(Rule(code, frozenset({token}), source, judge))


def between(code: str, token: str, path: str, low: float, high: float, source: str) -> None:
    """A rule: the number at ``path`` lies between two, both allowed."""

    def judge(x: View) -> Iterator[Problem]:
        value = x[path]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not low <= value <= high:
            yield path, f"{value:g} is not between {low:g} and {high:g}"

    RULES.append(Rule(code, frozenset({token}), source, judge))
