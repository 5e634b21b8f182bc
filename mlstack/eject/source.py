"""The resources of a state as the text of `__main__.py`, each after what it refers to."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

from mlstack.eject.literal import Writer
from mlstack.engine.urn import Urn
from mlstack.errors import UsageError
from mlstack.plugin.wire import SIGNATURE
from mlstack.sdktypes import args_class, resource_class, wire_shape

OURS = "mlstack:"
#: Options as the state names them, and as the SDK does.
_OPTIONS = {
    "protect": "protect",
    "retainOnDelete": "retain_on_delete",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
}
#: A text this short may be equal to an output by chance.
_SHORTEST = 6


class Program:
    """``resources`` are the state's, as the engine exports them; ``secrets`` values and the environment
    variable of each."""

    def __init__(self, resources: list[dict[str, Any]], secrets: Mapping[str, str]) -> None:
        self.resources = {each["urn"]: each for each in resources if not each.get("delete")}
        self.writer = Writer(secrets)
        self.names: dict[str, str] = {}
        self.gaps = False

    def text(self) -> str:
        body: list[str] = []
        for urn, resource in self.resources.items():
            parsed = Urn.parse(urn)
            if not parsed.is_root and not parsed.is_provider:
                self._name(urn, parsed)
                body += ["", self._resource(resource, parsed)]
        exports = self._exports()
        uses = "\n".join((*body, *exports))
        head = ['"""The resources of this stack, as a plain Pulumi program."""', ""]
        head += ["import os", ""] if "os.environ" in uses else []
        head.append("import pulumi")
        head += [f"import {module}" for module in sorted(self.writer.modules)]
        head += ["", "from mlstack.gap import GapResource"] if self.gaps else []
        head += ["", "config = pulumi.Config()"] if self.writer.asked else []
        return "\n".join([*head, *body, "", *exports]) + "\n"

    def _resource(self, resource: dict[str, Any], parsed: Urn) -> str:
        variable = self.names[resource["urn"]]
        if not resource.get("custom"):
            options = self._options(resource, set())
            return f"{variable} = pulumi.ComponentResource({parsed.type!r}, {parsed.name!r}{options})"
        self.writer.used = set()
        inputs = {k: v for k, v in (resource.get("inputs") or {}).items() if not k.startswith("__")}
        origins = resource.get("propertyDependencies") or {}
        if parsed.type.startswith(OURS):
            self.gaps = True
            pairs = []
            for key, value in inputs.items():
                written = self.writer.write(value, self._known(origins.get(key)), (), self._key(parsed, key))
                pairs.append(f"        {key!r}: {written},")
            named = sorted((resource.get("outputs") or {}).keys() - inputs.keys())
            lines = [f"    {parsed.type!r},", f"    {parsed.name!r},", "    {", *pairs, "    },"]
            lines += [f"    {named!r},"] if named else []
            head = f"{variable} = GapResource("
        else:
            cls = resource_class(parsed.type)
            args = args_class(cls) if cls is not None else None
            if cls is None or args is None:
                raise UsageError(
                    f"the Pulumi package of {parsed.type} is not installed here",
                    where=resource["urn"],
                    remedy="install it beside mlstack, and eject again",
                )
            module = cls.__module__.rpartition(".")[0]
            self.writer.modules.add(module)
            shape = wire_shape(args)
            lines = [f"    {parsed.name!r},"]
            for key, value in inputs.items():
                known = self._known(origins.get(key))
                written = self.writer.write(value, known, shape[key].types, self._key(parsed, key))
                name = shape[key].name  # the resource's own name has taken this one
                lines.append(f"    {'resource_name_' if name == 'resource_name' else name}={written},")
            head = f"{variable} = {module}.{cls.__name__}("
        options = self._options(resource, self.writer.used).removeprefix(", ")
        return "\n".join([head, *lines, *([f"    {options},"] if options else []), ")"])

    def _known(self, urns: Any) -> dict[str, tuple[str, str]]:
        """The texts that the outputs of some resources have, and the expressions for them."""
        found: dict[str, tuple[str, str]] = {}
        for urn in urns or ():
            resource = self.resources.get(urn)
            if resource is None or urn not in self.names or not resource.get("custom"):
                continue
            variable = self.names[urn]
            if resource.get("id"):
                found.setdefault(resource["id"], (f"{variable}.id", urn))
            attributes = _attributes(resource["type"])
            for key, value in (resource.get("outputs") or {}).items():
                name = attributes.get(key) if attributes is not None else key
                if name and isinstance(value, str) and len(value) >= _SHORTEST:
                    found.setdefault(value, (f"{variable}.{name}", urn))
        return found

    def _options(self, resource: dict[str, Any], used: set[str]) -> str:
        parts = []
        if (parent := resource.get("parent")) in self.names:
            parts.append(f"parent={self.names[parent]}")
        after = [u for u in resource.get("dependencies") or () if u in self.names and u not in used]
        if after and resource.get("custom"):
            parts.append(f"depends_on=[{', '.join(self.names[urn] for urn in after)}]")
        parts += [f"{name}={resource[key]!r}" for key, name in _OPTIONS.items() if resource.get(key)]
        return f", opts=pulumi.ResourceOptions({', '.join(parts)})" if parts else ""

    def _exports(self) -> list[str]:
        """The exports; a value that several resources have is taken from the component it is exported for."""
        root = next((r for urn, r in self.resources.items() if Urn.parse(urn).is_root), None)
        made = [urn for urn in self.names if self.resources[urn].get("custom")]
        held: dict[str, list[tuple[str, str]]] = {}
        for urn in made:
            for text, reference in self._known([urn]).items():
                held.setdefault(text, []).append(reference)
        alone = {text: references[0] for text, references in held.items() if len(references) == 1}
        lines = []
        self.writer.needed = False
        for key, value in ((root or {}).get("outputs") or {}).items():
            if not isinstance(value, dict) or SIGNATURE in value:
                lines.append(f"pulumi.export({key!r}, {self.writer.write(value, alone, (), key)})")
                continue
            lines += ["pulumi.export(", f"    {key!r},", "    {"]
            for name, item in value.items():
                own = self._known([urn for urn in made if self._within(urn, key, name)])
                written = self.writer.write(item, {**alone, **own}, (), f"{key}-{name}")
                lines.append(f"        {name!r}: {written},")
            lines += ["    },", ")"]
        return lines

    def _within(self, urn: str, kind: str, name: str) -> bool:
        """Whether a resource is below the component of that kind and name."""
        while urn in self.names:
            parsed = Urn.parse(urn)
            if parsed.is_component and (parsed.kind, parsed.name) == (kind, name):
                return True
            urn = self.resources[urn].get("parent", "")
        return False

    def _key(self, parsed: Urn, key: str) -> str:
        return f"{parsed.name}-{key}"

    def _name(self, urn: str, parsed: Urn) -> None:
        """A variable of its own for a resource: its name; where that is taken, its type beside it."""
        name = re.sub(r"\W", "_", parsed.name).lower()
        kind = re.sub(r"\W", "_", parsed.type.rpartition(":")[2]).lower()
        name = name if name.isidentifier() and not keyword.iskeyword(name) else f"{kind}_{name}"
        taken = {*self.names.values(), "pulumi", "os", "config"}
        name = f"{name}_{kind}" if name in taken else name
        while name in taken:
            name += "_"
        self.names[urn] = name


def _attributes(token: str) -> dict[str, str] | None:
    """The outputs of an SDK's class: the wire's name to the attribute. None for a resource of ours."""
    if token.startswith(OURS):
        return None
    cls = resource_class(token)
    found = {}
    for name, value in vars(cls).items() if cls is not None else ():
        wire = getattr(getattr(value, "fget", None), "_pulumi_name", None)
        if isinstance(value, property):
            found[wire or name] = name
    return found
