"""What a rule is: a fact of the platform, where it stands, and how a call is judged by it.

Rules speak of AWS's own operations and parameters, so they judge what comes by either door. There are two
sorts. A `Rule` looks at the parameters alone: it speaks in previews too. A `Condition` looks at what is there
as well (the config that an endpoint names), so it speaks when AWS would: at the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlstack.rehearsal import CloudFault, view
from mlstack.resource import UNKNOWN

Problem = tuple[str, str]
"""Path of the parameter ("ProductionVariants[0].InstanceType"), and what is wrong with it."""

DOCS = "docs.aws.amazon.com/"
SAGEMAKER = DOCS + "sagemaker/latest/APIReference/API_{}.html"


class View(view.View):
    """Parameters of a call. ``at``: where in them it is."""

    def __init__(self, inputs: Mapping[str, Any], at: str = "") -> None:
        super().__init__(inputs)
        self.at = at

    def path(self, name: str) -> str:
        """The whole path of something in this view."""
        return f"{self.at}.{name}" if self.at else name

    def text(self, path: str) -> str:
        """The text; empty when it is missing, not known, or none."""
        value = self[path]
        return value if isinstance(value, str) else ""

    def given(self, path: str) -> bool:
        """Surely there."""
        return self.raw(path) not in (None, "", [], {}, UNKNOWN)

    def list(self, path: str) -> list[View]:
        """The items of a list that are maps."""
        return [View(one, self.path(f"{path}[{at}]")) for at, one in self.maps(path)]

    def view(self, path: str) -> View:
        """A map as a view of its own; empty where there is none."""
        value = self[path]
        return View(value if isinstance(value, Mapping) else {}, self.path(path))


class Site(Protocol):
    """What a condition may ask of the emulated cloud."""

    account: str
    region: str

    def look(
        self, service: str, operation: str, parameters: dict[str, Any], region: str | None = None
    ) -> Any:
        """boto3's answer to an operation by its name in snake_case; None where there is no such thing."""


@dataclass(frozen=True)
class Rule:
    code: str
    service: str
    operations: frozenset[str]
    source: str
    judge: Callable[[View], Iterable[Problem]]


@dataclass(frozen=True)
class Condition:
    """``judge`` gets the site, the parameters and the region of the call."""

    code: str
    service: str
    operations: frozenset[str]
    source: str
    judge: Callable[[Site, View, str], Iterable[CloudFault]]


RULES: list[Rule] = []
CONDITIONS: list[Condition] = []


def rule(code: str, service: str, *operations: str, source: str) -> Callable[[Any], Any]:
    """Enter a function in the table of rules."""

    def enter(judge: Callable[[View], Iterator[Problem]]) -> Any:
        RULES.append(Rule(code, service, frozenset(operations), source, judge))
        return judge

    return enter


def condition(code: str, service: str, *operations: str, source: str) -> Callable[[Any], Any]:
    """Enter a function in the table of conditions."""

    def enter(judge: Callable[[Site, View, str], Iterator[CloudFault]]) -> Any:
        CONDITIONS.append(Condition(code, service, frozenset(operations), source, judge))
        return judge

    return enter


def invalid(message: str) -> CloudFault:
    return CloudFault(400, "ValidationException", message)


def judged(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(path, what is wrong, source) by the rules alone."""
    view = View(parameters)
    for one in RULES:
        if one.service == service and operation in one.operations:
            for path, message in one.judge(view):
                yield path, message, one.source


def hindered(site: Site, service: str, operation: str, parameters: Mapping[str, Any], region: str) -> None:
    """CloudFault: AWS would not, as things are."""
    view = View(parameters)
    for one in CONDITIONS:
        if one.service == service and operation in one.operations:
            for fault in one.judge(site, view, region):
                raise fault
