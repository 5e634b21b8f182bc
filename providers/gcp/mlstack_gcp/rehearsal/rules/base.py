"""What a rule is: a fact of the platform, where it stands, and how inputs are judged by it.

There are two sorts. A `Rule` looks at the inputs of one resource alone, so it speaks in previews too. A
`Condition` looks at what is there as well (a deployed model that traffic names), so it speaks when the
platform would: at the create, update or delete.

A kind is a Pulumi token without its package ("vertex/aiEndpoint:AiEndpoint"), or "aiplatform:" and the name
of a message, for what is made over REST alone ("aiplatform:DeployedModel").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlstack.rehearsal import CloudFault, view
from mlstack.resource import UNKNOWN

Problem = tuple[str, str]
"""Path of the input, as on the wire, and what is wrong with it."""

VERTEX = "cloud.google.com/vertex-ai/docs/"
PROTO = "google-cloud-aiplatform 2.7.0, google/cloud/aiplatform_v1/types/"
TERRAFORM = "terraform-provider-google, google/services/"


class View(view.View):
    """Inputs of a resource."""

    def text(self, path: str) -> str | None:
        value = self[path]
        return value if isinstance(value, str) else None

    def number(self, path: str) -> float | None:
        """A number, also where proto's JSON writes it as text."""
        value = self[path]
        if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return float(value)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def given(self, path: str) -> bool:
        """Surely there."""
        return self.raw(path) not in (None, "", UNKNOWN)

    def list(self, path: str) -> list[tuple[int, View]]:
        """The items of a list that are maps, with their index."""
        return [(at, View(one)) for at, one in self.maps(path)]


class Site(Protocol):
    """What a condition may ask of the emulated cloud."""

    project: str

    def get(self, name: str) -> dict[str, Any] | None: ...

    def canonical(self, name: str) -> str: ...

    def of(self, kind: str, under: str = "") -> Iterator[tuple[str, dict[str, Any]]]: ...


@dataclass(frozen=True)
class Rule:
    code: str
    kinds: frozenset[str]
    source: str
    judge: Callable[[View], Iterable[Problem]]


@dataclass(frozen=True)
class Condition:
    """``verb``: create, update or delete. ``judge`` gets the site, the name, and the document that is to be
    there (for a delete: that is there)."""

    code: str
    kinds: frozenset[str]
    source: str
    verb: str
    judge: Callable[[Site, str, Mapping[str, Any]], Iterable[CloudFault]]


RULES: list[Rule] = []
CONDITIONS: list[Condition] = []


def rule(code: str, *kinds: str, source: str) -> Callable[[Callable[[View], Iterator[Problem]]], Any]:
    """Enter a function in the table of rules."""

    def enter(judge: Callable[[View], Iterator[Problem]]) -> Any:
        RULES.append(Rule(code, frozenset(kinds), source, judge))
        return judge

    return enter


def condition(
    code: str, *kinds: str, source: str, verb: str
) -> Callable[[Callable[[Site, str, Mapping[str, Any]], Iterator[CloudFault]]], Any]:
    """Enter a function in the table of conditions."""

    def enter(judge: Callable[[Site, str, Mapping[str, Any]], Iterator[CloudFault]]) -> Any:
        CONDITIONS.append(Condition(code, frozenset(kinds), source, verb, judge))
        return judge

    return enter


def matches(code: str, kind: str, path: str, pattern: str, wants: str, source: str) -> None:
    """A rule: the text at ``path`` is of a form. ``wants`` says the form in words."""
    form = re.compile(pattern)

    def judge(x: View) -> Iterator[Problem]:
        value = x.text(path)
        if value is not None and not form.fullmatch(value):
            yield path, f"{value!r} is not {wants}"

    RULES.append(Rule(code, frozenset({kind}), source, judge))


def one_of(code: str, kind: str, path: str, allowed: Iterable[str], source: str) -> None:
    """A rule: the text at ``path`` is one of these."""
    values = tuple(allowed)

    def judge(x: View) -> Iterator[Problem]:
        value = x.text(path)
        if value is not None and value not in values:
            yield path, f"{value!r} is not one of {', '.join(values)}"

    RULES.append(Rule(code, frozenset({kind}), source, judge))


def between(code: str, kind: str, path: str, low: float, high: float, source: str) -> None:
    """A rule: the number at ``path`` lies between two, both allowed."""

    def judge(x: View) -> Iterator[Problem]:
        value = x.number(path)
        if value is not None and not low <= value <= high:
            yield path, f"{value:g} is not between {low:g} and {high:g}"

    RULES.append(Rule(code, frozenset({kind}), source, judge))
