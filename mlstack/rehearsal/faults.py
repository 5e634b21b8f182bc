"""Faults that the emulated cloud is to have, from a small YAML file.

Each rule says which calls it is about and what happens to the first ``times`` of them. Counts are kept in the
world, so that a rerun goes on where the run before stopped.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlstack.errors import UsageError
from mlstack.rehearsal.emulation import CloudFault, Operation
from mlstack.rehearsal.world import World
from mlstack.spec.units import Duration

VARIABLE = "MLSTACK_FAULTS"
DOCS = "docs/rehearsal.md has the form of the file"

Kind = Literal["429", "5xx", "500", "502", "503", "504", "quota", "capacity", "timeout", "lost", "slow"]
Door = Literal["engine", "http"]

_CHANGING: tuple[Operation, ...] = ("create", "update", "delete")
_MESSAGES: Mapping[str, tuple[int, str, str]] = {
    "429": (429, "TooManyRequests", "The request was throttled. Try again later."),
    "5xx": (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    "500": (500, "InternalServerError", "An internal error has occurred."),
    "502": (502, "BadGateway", "The gateway got no valid answer."),
    "503": (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    "504": (504, "GatewayTimeout", "The gateway did not receive a response in time."),
    "quota": (409, "QuotaExceeded", "The quota of this subscription for the machine type is exceeded."),
    "capacity": (409, "OutOfCapacity", "There is no capacity for the machine type in this region now."),
}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Rule(BaseModel):
    """What happens to which calls."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    kind: Annotated[Kind, BeforeValidator(str)] = Field(description="What happens.")
    type: str | None = Field(default=None, description="Type token, * and ? allowed. Engine's door only.")
    path: str | None = Field(default=None, description="Path of the request, likewise. HTTP door only.")
    name: str = Field(default="*", description="Logical name; over HTTP the last part of the path.")
    operation: Annotated[tuple[Operation, ...], BeforeValidator(_listed)] = Field(
        default=_CHANGING, description="One or a list. Left out: create, update, delete."
    )
    door: Door | None = Field(default=None, description="Left out: both.")
    times: Annotated[int, Field(ge=1)] | Literal["always"] = Field(default=1, description="How many calls.")
    after: int = Field(default=0, ge=0, description="How many calls go well first.")
    latency: Duration | None = Field(default=None, description="Time that passes before. Slow, timeout: 2s.")
    message: str | None = Field(default=None, description="In place of the usual words.")


class Plan(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    latency: Duration | None = Field(default=None, description="Time that each changing call takes.")
    faults: list[Rule] = Field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """A call at one of the doors. ``type`` is a token at the engine's door, ``path`` a path at the other."""

    door: Door
    operations: tuple[Operation, ...]
    name: str
    type: str = ""
    path: str = ""


class Broken(ConnectionResetError):  # noqa: N818 - reads as what happened
    """There is no answer: the connection went away (``lost``: after the work was done), or time ran out."""


class Faults:
    """The rules over one world. ``cancelled`` ends what waits."""

    def __init__(self, plan: Plan, world: World) -> None:
        self._plan = plan
        self._world = world
        self._keys = _keys(plan.faults)
        self.cancelled = threading.Event()

    @contextmanager
    def around(self, call: Call) -> Iterator[None]:
        """Do the call within, or fail in its place as the rules say: CloudFault, or `Broken`."""
        if self._plan.latency and set(call.operations) & set(_CHANGING):
            self.cancelled.wait(self._plan.latency)
        rule = self._due(call)
        if rule is None:
            yield
            return
        waits = 2.0 if rule.kind in ("slow", "timeout") else 0.0
        self.cancelled.wait(waits if rule.latency is None else rule.latency)
        if rule.kind == "timeout":
            raise Broken(rule.message or "context deadline exceeded: no answer within the time-out")
        if rule.kind in _MESSAGES:
            status, code, message = _MESSAGES[rule.kind]
            raise CloudFault(status, code, rule.message or message)
        yield
        if rule.kind == "lost":
            raise Broken(rule.message or "connection reset by peer: the answer was lost")

    def _due(self, call: Call) -> Rule | None:
        """The first rule whose turn it is with this call; every rule that it matches counts it."""
        due = None
        for rule, key in zip(self._plan.faults, self._keys, strict=True):
            if _matches(rule, call):
                seen = self._world.count(key) - rule.after
                if due is None and seen > 0 and (rule.times == "always" or seen <= rule.times):
                    due = rule
        return due


def load(path: Path | None) -> Plan:
    """The plan of a file; none for no file. UsageError: it is not as it should be."""
    if path is None:
        return Plan()
    try:
        data = YAML(typ="safe", pure=True).load(path)
        return Plan.model_validate({} if data is None else data)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", where=str(path), remedy=DOCS) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is no YAML: {' '.join(str(error).split())}", where=str(path), remedy=DOCS
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        at = ".".join(str(key) for key in first["loc"]) or "the whole file"
        raise UsageError(f"{path}: {at}: {first['msg']}", where=str(path), remedy=DOCS) from None


def _matches(rule: Rule, call: Call) -> bool:
    if rule.door not in (None, call.door) or not set(rule.operation) & set(call.operations):
        return False
    for pattern, value in ((rule.type, call.type), (rule.path, call.path)):
        if pattern is not None and not fnmatchcase(value.lower(), pattern.lower()):
            return False
    return fnmatchcase(call.name, rule.name)


def _keys(rules: list[Rule]) -> list[str]:
    """What each rule's count is kept under: its own text, so that another order changes nothing."""
    texts = [json.dumps(rule.model_dump(mode="json"), sort_keys=True) for rule in rules]
    return [f"fault {texts[:place].count(text)} {text}" for place, text in enumerate(texts)]
