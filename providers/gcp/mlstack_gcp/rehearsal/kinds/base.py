"""What pulumi-gcp makes of a type: its id, its document, its outputs; by a table, as most differ in names.

Ids, changes that need a new resource (ForceNew) and names of fields are those of terraform-provider-google
(google/services/*/resource_*.go, read at its commit of 21 August 2026), on which pulumi-gcp is built; names
of outputs are the SDK's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mlstack.rehearsal import Change, Made
from mlstack.resource import UNKNOWN
from mlstack.sdktypes import args_class, resource_class, wire_shape
from mlstack_gcp.rehearsal.cloud import Cloud, Document, number
from mlstack_gcp.rehearsal.refusals import Refused

Properties = Mapping[str, Any]
Parts = dict[str, str]

#: Of the provider alone: what it does at a delete, and the like.
_PROVIDERS = frozenset({"deletionPolicy", "project"})
PROVISIONED = {"goog-pulumi-provisioned": "true"}
"""The label that pulumi-gcp adds to all that has labels (its setting addPulumiAttributionLabel)."""


@dataclass(frozen=True)
class Kind:
    """A type of pulumi-gcp. ``id`` and ``document`` are templates over the properties; ``server`` names the
    property that the platform makes up, ``finish`` adds what only the platform sets, ``shown`` are outputs
    beside those that the document has by the same name. ``names`` and ``inner`` rename: top-level properties
    to paths of the document, keys below them at any depth."""

    token: str
    id: str
    replace: frozenset[str] = frozenset()
    document: str = ""
    own: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    inner: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, Any] = field(default_factory=dict)
    made_up: str | None = None
    server: str | None = None
    finish: Callable[[Cloud, Parts, Document, Document | None], None] = lambda cloud, parts, document, old: (
        None
    )
    shown: Callable[[Cloud, Parts, Document], Properties] = lambda cloud, parts, document: {}
    planned: Callable[[Cloud, Properties], Properties] = lambda cloud, inputs: {}
    secrets: frozenset[str] = frozenset()
    #: Why a delete leaves it on the platform; it is then taken over by the next create of that name.
    kept: str = ""

    @cached_property
    def title(self) -> str:
        return self.token.rpartition(":")[2]

    @cached_property
    def outputs(self) -> frozenset[str]:
        """Names of all outputs of the SDK's class."""
        from pulumi import _types

        cls = resource_class(f"gcp:{self.token}")
        return frozenset(_types.resource_types(cls)) if cls is not None else frozenset()

    @cached_property
    def pattern(self) -> str:
        """The id as a regular expression. Roles have slashes of their own."""
        role = r"(?:(?:projects|organizations)/[^/]+/)?roles/[^/]+"
        return "".join(
            f"(?P<{name}>{role if name == 'role' else '.+?'})" if name else re.escape(text)
            for text, name in re.findall(r"([^{}]+)|{(\w+)}", self.id)
        )

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of all inputs of the SDK's class."""
        cls = resource_class(f"gcp:{self.token}")
        args = args_class(cls) if cls is not None else None
        return tuple(wire_shape(args)) if args is not None else ()

    @property
    def labelled(self) -> bool:
        return "effectiveLabels" in self.outputs

    def change(self) -> Change:
        parts = frozenset(re.findall(r"{(\w+)}", self.id)) - ({self.server} if self.server else set())
        named = frozenset({self.made_up} if self.made_up else set())
        # The bridge deletes first where a name of the user's own is taken, of types that it names itself.
        return Change(self.replace | parts, delete_before_replace=bool(named), names=named)

    # From inputs to a document, and back.

    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        """What ids are made of. Without the server's part where the platform makes it up."""
        found = {key: str(value) for key, value in inputs.items() if isinstance(value, str)}
        place = str(found.get("location") or found.get("region") or cloud.region)
        usual = {"project": cloud.project, "region": place, "location": place}
        return {**usual, **found}

    def parsed(self, cloud: Cloud, id: str) -> Parts | None:
        """The parts of an id; None when it is none of this type."""
        match = re.fullmatch(self.pattern, id)
        if match is None:
            return None
        return self.parts(cloud, match.groupdict())

    def to_document(self, inputs: Properties) -> Document:
        skipped = _PROVIDERS | self.own | self.secrets
        document: Document = {}
        for key, value in inputs.items():
            if key not in skipped and value is not None:
                place(document, self.names.get(key, key), renamed(plain(value), self.inner))
        if self.labelled:
            document["labels"] = {**(document.get("labels") or {}), **PROVISIONED}
        return document

    def to_inputs(self, cloud: Cloud, document: Properties, parts: Parts) -> Document:
        """What inputs would have to be for a document. Secrets and the provider's own are not in it."""
        back = {new: old for old, new in self.inner.items()}
        found: Document = {}
        for key in self.inputs:
            if key in _PROVIDERS | self.own | self.secrets:
                if key in parts and key != "deletionPolicy":
                    found[key] = parts[key]
                continue
            value = at(document, self.names.get(key, key))
            if value is not None:
                found[key] = renamed(value, back)
            elif key in parts and f"{{{key}}}" in self.id:
                found[key] = parts[key]
        if self.labelled and "labels" in found:
            found["labels"] = {key: one for key, one in found["labels"].items() if key not in PROVISIONED}
        return found

    def completed(self, cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> Document:
        made = {**plain(self.usual), **document}
        self.finish(cloud, parts, made, old)
        return made

    # Its life.

    def name(self, parts: Parts) -> str:
        return (self.document or self.id).format_map(parts)

    def create(self, cloud: Cloud, inputs: Properties) -> Made:
        parts = self.parts(cloud, inputs)
        if self.server:
            parts[self.server] = self.fresh(cloud, parts)
        try:
            name = self.name(parts)
            id = self.id.format_map(parts)
        except KeyError as missing:
            raise Refused("INVALID_ARGUMENT", f"{missing} is required.") from None
        self.before(cloud, parts, inputs)
        document = self.completed(cloud, parts, self.to_document(inputs), None)
        cloud.make(name, self.token, document)
        self.after(cloud, parts, inputs)
        return self.made(cloud, id, parts, document, inputs, inputs)

    def fresh(self, cloud: Cloud, parts: Parts) -> str:
        """A name of the server's own making."""
        return number(f"{self.token} {cloud.world.count(f'made {self.token}')}", 18)

    def before(self, cloud: Cloud, parts: Parts, inputs: Properties) -> None:
        """Refused: what it stands on is not there."""

    def after(self, cloud: Cloud, parts: Parts, inputs: Properties) -> None:
        """What else is there once it is made or changed."""

    def read(self, cloud: Cloud, id: str, inputs: Properties) -> Made | None:
        parts = self.parsed(cloud, id)
        document = cloud.get(self.name(parts)) if parts else None
        if parts is None or document is None:
            return None
        now = self.to_inputs(cloud, document, parts)
        if not inputs:
            return self.made(cloud, id, parts, document, now, now)
        expected = self.completed(cloud, parts, self.to_document(inputs), document)
        before = self.to_inputs(cloud, expected, parts)
        seen = dict(plain(inputs))
        for key in inputs:  # as the bridge of Pulumi reads: of what was given, and no more
            if key == "labels" and self.labelled:  # and of labels, those that were given
                mine = now.get("labels") or {}
                seen[key] = {one: mine[one] for one in seen[key] or {} if one in mine}
            elif key in before or key in now:
                seen[key] = overlay(seen[key], before.get(key), now.get(key))
        return self.made(cloud, id, parts, document, seen, seen)

    def update(self, cloud: Cloud, id: str, old: Properties, new: Properties) -> Made:
        parts = self.parsed(cloud, id) or self.parts(cloud, new)
        name = self.name(parts)
        there = cloud.there(name)
        kept = {key: value for key, value in there.items() if key not in self.settable(old)}
        document = self.completed(cloud, parts, {**kept, **self.to_document(new)}, there)
        cloud.change(name, self.token, document)
        self.after(cloud, parts, new)
        return self.made(cloud, id, parts, document, new, new)

    def settable(self, inputs: Properties) -> set[str]:
        """Keys of the document that the inputs had set, and that go when they are left out."""
        keys = (key for key in inputs if key not in _PROVIDERS | self.own)
        return {self.names.get(key, key).partition(".")[0] for key in keys}

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        parts = self.parsed(cloud, id)
        if parts is None or cloud.get(self.name(parts)) is None:
            return
        cloud.remove(self.name(parts), self.token)

    def made(
        self, cloud: Cloud, id: str, parts: Parts, document: Document, inputs: Properties, given: Properties
    ) -> Made:
        # top-level values are as the SDK names them; what was given is echoed, secrets too
        shown = {key: value for key, value in document.items() if key in self.outputs}
        shown |= self.to_inputs(cloud, document, parts)
        shown |= {key: parts[key] for key in ("project", "region", "location") if key in self.outputs}
        if "name" in self.outputs and "{name}" in self.id and self.server != "name":
            shown["name"] = parts["name"]
        shown |= given
        shown |= self.labels(document, given)
        shown |= self.shown(cloud, parts, document)
        return Made(id, dict(inputs), {key: value for key, value in shown.items() if key in self.outputs})

    def labels(self, document: Properties, inputs: Properties) -> Properties:
        if not self.labelled:
            return {}
        mine = inputs.get("labels") or {}
        return {"pulumiLabels": {**mine, **PROVISIONED}, "effectiveLabels": document.get("labels") or {}}

    def promise(self, cloud: Cloud, inputs: Properties) -> Properties:
        """What a plan of the Terraform provider knows: inputs and what follows from them."""
        promised = dict.fromkeys(self.outputs, UNKNOWN) | plain(self.usual) | dict(inputs)
        place = inputs.get("location") or inputs.get("region") or cloud.region
        for key, value in (("project", cloud.project), ("region", place), ("location", place)):
            if key in self.outputs and key not in inputs:
                promised[key] = value
        if self.labelled:
            mine = inputs.get("labels", {})
            known = {**mine, **PROVISIONED} if isinstance(mine, Mapping) else UNKNOWN
            promised |= {"pulumiLabels": known, "effectiveLabels": known}
        promised |= self.planned(cloud, inputs)
        return {key: value for key, value in promised.items() if key in self.outputs}


def plain(value: Any) -> Any:
    """Numbers as Google writes them: all of the wire's are floats."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(key, key): renamed(one, names) for key, one in value.items()}
    return [renamed(one, names) for one in value] if isinstance(value, list) else value


def place(document: Document, path: str, value: Any) -> None:
    *above, last = path.split(".")
    for key in above:
        document = document.setdefault(key, {})
    document[last] = value


def at(document: Properties, path: str) -> Any:
    value: Any = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def overlay(inputs: Any, expected: Any, actual: Any) -> Any:
    """The inputs as they would have to be for what is there now: the old ones, changed where ``actual``
    differs from what they would have led to (``expected``). So defaults of the platform are no drift."""
    if not (isinstance(expected, Mapping) and isinstance(actual, Mapping)):
        return inputs if expected == actual else actual
    result = dict(inputs) if isinstance(inputs, Mapping) else {}
    for key in {**expected, **actual}:
        if key not in actual:
            result.pop(key, None)
        elif key not in expected:
            result[key] = actual[key]
        elif expected[key] != actual[key]:
            result[key] = overlay(result.get(key), expected[key], actual[key])
    return result
