"""A value of the state as Python source: references where it came from another resource, typed classes,
secrets by environment variable, and literals for the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack.plugin.wire import SECRET, SIGNATURE
from mlstack.sdktypes import arm, is_args, is_mapping, items, wire_shape


@dataclass
class Writer:
    """Writes values. ``references`` are texts and the expression that has each of them as its value, the
    first one named counts. ``secrets`` are values and the environment variable that holds each. What is
    secret and has neither is read from ``config``, whose keys are collected in ``asked``; with ``needed``
    the program does not run without them. ``modules`` and ``used`` are what the written values name:
    modules of SDKs, and URNs."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    needed: bool = True

    def write(
        self, value: Any, references: Mapping[str, tuple[str, str]], types: tuple[Any, ...], key: str
    ) -> str:
        """The expression of a value. ``references``: a text to its expression and the URN of its owner."""
        if isinstance(value, Mapping):
            if value.get(SIGNATURE) == SECRET:
                return self._secret(json.loads(value["plaintext"]), references, key)
            return self._mapping(value, references, types, key)
        if isinstance(value, list):
            held = next((items(each) for each in types if items(each) and not is_mapping(each)), None)
            written = (self.write(item, references, held or (), f"{key}-{i}") for i, item in enumerate(value))
            return f"[{', '.join(written)}]"
        if isinstance(value, str):
            if value in references:
                expression, urn = references[value]
                self.used.add(urn)
                return expression
            if variable := self.secrets.get(value):
                return f"pulumi.Output.secret(os.environ[{variable!r}])"
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return repr(value)

    def _mapping(
        self,
        value: Mapping[str, Any],
        references: Mapping[str, tuple[str, str]],
        types: tuple[Any, ...],
        key: str,
    ) -> str:
        cls = arm(value, types, wire=True) if any(is_args(each) for each in types) else None
        if cls is not None and value.keys() <= wire_shape(cls).keys():
            package = cls.__module__.rpartition("._inputs")[0] or cls.__module__
            self.modules.add(package)
            shape = wire_shape(cls)
            parts = (
                f"{shape[k].name}={self.write(v, references, shape[k].types, f'{key}-{k}')}"
                for k, v in value.items()
            )
            return f"{package}.{cls.__name__}({', '.join(parts)})"
        held = next((items(each) for each in types if is_mapping(each)), None)
        parts = (f"{k!r}: {self.write(v, references, held or (), f'{key}-{k}')}" for k, v in value.items())
        return "{" + ", ".join(parts) + "}"

    def _secret(self, value: Any, references: Mapping[str, tuple[str, str]], key: str) -> str:
        if isinstance(value, str) and (value in references or value in self.secrets):
            return self.write(value, references, (), key)
        self.asked.append(key)
        verb = "require" if self.needed else "get"
        return f"config.{verb}_secret{'' if isinstance(value, str) else '_object'}({key!r})"
