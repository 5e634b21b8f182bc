"""What is asked of every provider. Each check yields one line for each thing that is wrong.

They need no pytest: ``problems = list(checks.declared(provider))``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from inspect import isabstract
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import ValidationError

from mlstack.plugin.check import failures
from mlstack.provider import OUTPUTS, Provider
from mlstack.registry import GROUP
from mlstack.resource import Inputs, Resource
from mlstack.spec import KINDS
from mlstack.testing.built import build
from mlstack.testing.cases import case, find, whole
from mlstack.testing.record import Recording
from mlstack.testing.sample import VARIABLES
from mlstack.tokens import token

_IMPORTS = """
import sys
from importlib.metadata import entry_points
provider = next(iter(entry_points(group={group!r}, name={name!r}))).load()()
provider.capabilities(), provider.Settings.model_fields, provider.builders, provider.unsupported
sys.exit(", ".join(sorted(name for name in sys.modules if name.split(".")[0] == "pulumi")[:3]) or None)
"""


def declared(provider: Provider) -> Iterator[str]:
    """Each kind is built or refused, never both; every path in the tables is one of the spec, with words."""
    for kind in KINDS:
        places = [table for table in ("builders", "unsupported") if kind in getattr(provider, table)]
        if len(places) != 1:
            yield f"{kind} is in {' and in '.join(places) or 'neither builders nor unsupported'}"
    for kind in provider.builders.keys() - KINDS.keys():
        yield f"builders: the spec has no kind {kind!r}"
    ways = {path: f"it is taken {way.when}" for path, way in provider.ways.items()}
    tables = {"unsupported": provider.unsupported, "no_input": provider.no_input, "ways": ways}
    for table, entries in tables.items():
        for path, reason in entries.items():
            if find(path.partition("=")[0]) is None:
                yield f"{table}: the spec has no {path!r}"
            if len(reason.split()) < 3:
                yield f"{table}[{path!r}] gives no reason: {reason!r}"


def found_by_entry_point(provider: Provider) -> Iterator[str]:
    """The registry finds it, under its own name, and a process that only looks at it imports no Pulumi."""
    points = list(entry_points(group=GROUP, name=provider.name))
    if not points:
        yield f"no entry point {provider.name!r} in the group {GROUP!r}"
        return
    if points[0].load() is not type(provider):
        yield f"the entry point {provider.name!r} is another class: {points[0].value}"
    command = [sys.executable, "-c", _IMPORTS.format(group=GROUP, name=provider.name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        yield f"importing the provider fails, or imports Pulumi: {done.stderr.strip()[-500:]}"


def resolvable(provider: Provider) -> Iterator[str]:
    """Each "module:name" of the tables leads to what it should."""
    for kind, path in provider.builders.items():
        try:
            if not callable(resolve_name(path)):
                yield f"builders[{kind!r}]: {path} cannot be called"
        except (ImportError, AttributeError, ValueError) as error:
            yield f"builders[{kind!r}]: {path}: {error}"
    for type_token, path in provider.resources.items():
        if not type_token.startswith(f"mlstack:{provider.name}:"):
            yield f"resources: {type_token} should begin with mlstack:{provider.name}:"
        try:
            found = resolve_name(path)
        except (ImportError, AttributeError, ValueError) as error:
            yield f"resources[{type_token!r}]: {path}: {error}"
            continue
        if not (isinstance(found, type) and issubclass(found, Resource)) or isabstract(found):
            yield f"resources[{type_token!r}]: {path} is no complete Resource"
        elif not issubclass(getattr(found, "Inputs", object), Inputs):
            yield f"resources[{type_token!r}]: {path} has no Inputs"
        else:
            for name in found.replace_on - found.Inputs.model_fields.keys():
                yield f"{path}: replace_on has {name!r}, which is no input"


def builds(provider: Provider, kind: str, root: Path) -> Iterator[str]:
    """The kind's sample is taken, and what it registers has the right shape."""
    built = build(provider, whole(provider, kind), root)
    for gap in built.gaps:
        yield f"the sample is refused: {gap}"
    if not built.gaps:
        yield from shape(built.recording)
        yield from accepted_inputs(provider, built.recording)
        yield from _no_secret_in_clear(built.recording)


def shape(recording: Recording) -> Iterator[str]:
    """Children are below their component and named after it; components register their kind's outputs."""
    wanted = {token(kind): set(names) for kind, names in OUTPUTS.items()}
    for component in recording.components():
        # an output that is None is not sent; that none is forgotten, Component itself sees to
        if component.outputs is None or not component.outputs.keys() <= wanted[component.type]:
            found = sorted(component.outputs or ())
            yield f"{component.name}: outputs {found}, not {sorted(wanted[component.type])}"
    for child in recording.children():
        owner = next((c for c in recording.components() if c.urn in recording.ancestors(child)), None)
        if owner is None:
            yield f"{child.name} ({child.type}) is below no component: give it opts=build.opts()"
        elif child.name != owner.name and not child.name.startswith(f"{owner.name}-"):
            yield f"{child.name} ({child.type}) is not named after {owner.name}: use build.child()"


def accepted_inputs(provider: Provider, recording: Recording) -> Iterator[str]:
    """The provider's own resources take the inputs that its builders send."""
    for child in recording.children():
        if child.type in provider.resources:
            model = provider.resource(child.type).Inputs
            for path, reason in failures(model, child.inputs):
                yield f"{child.name} ({child.type}): {path}: {reason}"
        elif child.type.startswith("mlstack:"):
            yield f"{child.name}: the provider has no resource of type {child.type}"


def _no_secret_in_clear(recording: Recording) -> Iterator[str]:
    for child in recording.children():
        shown = json.dumps(
            {key: value for key, value in child.inputs.items() if key not in child.secrets}, default=repr
        )
        for name, value in VARIABLES.items():
            if value in shown:
                yield f"{child.name} ({child.type}) holds the value of {name} in clear"


def repeatable(provider: Provider, kind: str, root: Path, elsewhere: Path) -> Iterator[str]:
    """Twice the same, and the same in another folder: no time, no chance, no absolute path."""
    data = whole(provider, kind)
    first, again, moved = (build(provider, data, at).recording.resources for at in (root, root, elsewhere))
    if first != again:
        yield f"the second build differs from the first: {_differing(first, again)}"
    if first != moved:
        yield f"the build in another folder differs: {_differing(first, moved)}"


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    urns = sorted({*one, *other})
    pairs = [(one.get(urn), other.get(urn)) for urn in urns]
    return "; ".join(f"{before} / {after}" for before, after in pairs if before != after)


def refused(provider: Provider, path: str, root: Path) -> Iterator[str]:
    """A path of ``unsupported`` is really refused, at its place, with its reason as the remedy."""
    field_path, _, chosen = path.partition("=")
    field = find(field_path)
    if field is None:
        yield f"the spec has no {field_path!r}"
        return
    tried = case(provider, field, _typed(chosen, field.leaf.type) if chosen else None)
    reason = provider.unsupported[path]
    found = build(provider, tried.given, root).gaps
    if not any(gap.remedy == reason and gap.path.split(".")[0] == field.path[0] for gap in found):
        shown = "; ".join(f"{gap.path}: {gap.message}" for gap in found) or "nothing"
        yield f"{path} is declared as unsupported, but what is refused is: {shown}"


def _typed(text: str, annotation: Any) -> Any:
    """The value whose text this is, for fields that hold no text."""
    if annotation is bool:
        return text == "True"
    return int(text) if annotation is int else text


def settings(provider: Provider) -> Iterator[str]:
    """Left out settings are fine, and unknown ones are refused."""
    try:
        provider.Settings.model_validate({})
    except ValidationError as error:
        yield f"Settings cannot be left out: {error}"
    try:
        provider.Settings.model_validate({"conformance-knows-no-such-setting": 1})
    except ValidationError:
        return
    yield "Settings takes what it does not know: derive it from mlstack.provider.Settings"
