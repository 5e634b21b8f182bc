"""What a provider cannot do of a spec: all gaps at once, before anything runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from mlstack.errors import Problem, SpecError, UsageError
from mlstack.placement.machine import chosen
from mlstack.placement.solve import NoMachine
from mlstack.provider import Provider
from mlstack.registry import KNOWN, installed, provider
from mlstack.spec import KINDS, Stack, resources
from mlstack.spec.machine import Machine
from mlstack.suggest import hint, suggest

Path = tuple[str | int, ...]


def target(stack: Stack, name: str | None = None) -> Provider:
    """The provider of a spec. One that the spec itself names wrongly is a SpecError at that place."""
    if name is not None:
        return provider(name)
    clouds = [stack.cloud] if isinstance(stack.cloud, str) else list(stack.cloud)
    try:
        return provider(clouds[0])
    except UsageError as error:
        raise SpecError([_problem(stack, ("cloud",), error.message, error.remedy, error.code)]) from None


def gaps(provider: Provider, stack: Stack) -> list[Problem]:
    """Every refusal of the provider, in the order of the spec.

    What is refused as a whole says all there is to say of its fields.
    """
    refused = list(_unsupported(provider, stack))
    whole = {_steps(problem) for problem in refused}
    found = [*_settings(provider, stack), *_regions(provider, stack), *refused, *_native(provider, stack)]
    found += _machines(provider, stack)
    found += [_problem(stack, path, message, remedy) for path, message, remedy in provider.validate(stack)]
    kept: dict[tuple[str, ...], Problem] = {}
    for problem in found:
        steps = _steps(problem)
        if not any(steps[:end] in whole for end in range(1, len(steps))):
            kept.setdefault(steps, problem)
    order = list(Stack.model_fields)
    return sorted(kept.values(), key=lambda problem: (order.index(_steps(problem)[0]), problem.line or 0))


def need_secrets(stack: Stack, *, rehearsed: bool = False) -> None:
    """UsageError: variables that secrets are read from are not set here. Asked before anything runs: an apply
    that finds out by itself has made half of the stack."""
    unset = {
        name: secret.env
        for name, secret in stack.secrets.items()
        if secret.env is not None and secret.env not in os.environ
    }
    if not unset:
        return
    first = ("secrets", next(iter(unset)), "env")
    place = ":".join(str(part) for part in stack.where(first) if part is not None)
    told = " and ".join(f"{name} from the variable {variable}" for name, variable in unset.items())
    several = len(set(unset.values())) > 1
    remedy = f"export {' '.join(f'{variable}=…' for variable in dict.fromkeys(unset.values()))}"
    if rehearsed:
        remedy += f"; in a rehearsal any value{'s' if several else ''} will do"
    raise UsageError(
        f"secrets are read from variables that are not set: {told}"
        if len(unset) > 1
        else f"the secret {first[1]} is read from the variable {unset[first[1]]}, which is not set",
        code="secret-not-set",
        where=" ".join(part for part in (place, ".".join(first)) if part),
        remedy=remedy,
    )


def _steps(problem: Problem) -> tuple[str, ...]:
    return tuple(problem.path.split("."))


def _settings(provider: Provider, stack: Stack) -> Iterator[Problem]:
    yield from _misspelt(stack, ("settings",), stack.settings)
    try:
        provider.Settings.model_validate(stack.settings.get(provider.name, {}))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = ("settings", provider.name, *item["loc"])
            known = ", ".join(provider.Settings.model_fields) or "none"
            told = item.get("ctx", {}).get("remedy")
            message, remedy = item["msg"], told or f"settings of {provider.name}: {known}"
            if item["type"] == "extra_forbidden":
                word = str(item["loc"][-1])
                near = suggest(word, provider.Settings.model_fields)
                message = f"{provider.name} has no setting {word!r}"
                remedy = f"did you mean {near!r}? {remedy}" if near else remedy
            yield _problem(stack, path, message, remedy, "bad-setting")


def _misspelt(stack: Stack, place: Path, block: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys of a block by target that are nearly one: blocks for other targets have no effect, so that nobody
    would be told of these. One that is near none may be a target that is not installed here."""
    for key in block:
        near = suggest(key, {*KNOWN, *installed()})
        if near is not None and near != key:
            yield _problem(
                stack,
                (*place, key),
                f"there is no target {key!r}",
                f"did you mean {near!r}?",
                "unknown-cloud",
            )


def _regions(provider: Provider, stack: Stack) -> Iterator[Problem]:
    several = stack.region if isinstance(stack.region, list) else []
    named: list[tuple[Path, str | None]] = [(("region", n), region) for n, region in enumerate(several)]
    if not isinstance(stack.region, list):
        named = [(("region",), stack.region)]
    for path, region in named:
        if told := unknown_region(provider, region):
            yield _problem(stack, path, *told, "unknown-region")


def unknown_region(provider: Provider, region: str | None) -> tuple[str, str] | None:
    """What is wrong with a region, and the way out; None where the target has it, or tells of none."""
    known = provider.capabilities().regions
    if region is None or not known or region in known:
        return None
    return f"{provider.name} has no region {region!r}", str(hint(region, known))


def _unsupported(provider: Provider, stack: Stack) -> Iterator[Problem]:
    for path, reason in provider.unsupported.items():
        field_path, _, value = path.partition("=")
        for place, found in places(stack, field_path.split(".")):
            if value and str(found) != value:
                continue
            shown = f"{path} is" if value else f"{'.'.join(str(key) for key in place)} is"
            yield _problem(stack, place, f"{shown} not supported on {provider.name}", reason)


def _native(provider: Provider, stack: Stack) -> Iterator[Problem]:
    for kind in KINDS:
        for place, block in places(stack, [kind, "native"]):
            if not isinstance(block, Mapping):
                continue
            yield from _misspelt(stack, place, block)
            if provider.name in block and not provider.native:
                yield _problem(
                    stack,
                    (*place, provider.name),
                    f"the target {provider.name} has no native resources to pass this to",
                    "leave it out: all that the target takes is in the spec itself",
                )


def _machines(provider: Provider, stack: Stack) -> Iterator[Problem]:
    """Sizes and requirements that no machine of the target's catalogue meets."""
    region = stack.region[0] if isinstance(stack.region, list) else stack.region
    capabilities = provider.capabilities().at(region or provider.region(stack, lambda _key: None))
    if not capabilities.instances:
        return
    for kind, name, spec in resources(stack):
        start: Path = (kind,) if KINDS[kind].single else (kind, name)
        for place, machine in _held_machines(spec, start):
            if machine.instance is not None:
                continue
            try:
                chosen(capabilities, machine)
            except NoMachine as error:
                given = machine.given(("size", "gpu", "cpus", "memory", "disk"))
                yield _problem(stack, (*place, *given[:1]), error.message, error.remedy, "no-machine")


def _held_machines(value: Any, place: Path) -> Iterator[tuple[Path, Machine]]:
    if isinstance(value, Machine):
        yield place, value
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _held_machines(getattr(value, name), (*place, info.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _held_machines(item, (*place, key))


def places(stack: Stack, path: list[str]) -> Iterator[tuple[Path, Any]]:
    """Where a field path ("endpoints.deployments.mirror") is really given in a stack, with its value.

    Names of entries are not part of the field path, and are part of the places. A field that was left
    out, or holds its default, is not there.
    """
    yield from _walk(stack, path, ())


def _walk(value: Any, path: list[str], place: Path) -> Iterator[tuple[Path, Any]]:
    if not path:
        yield place, value
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            key = info.alias or name
            if key == path[0] and name in value.model_fields_set:
                held = getattr(value, name)
                if held is not None and held != info.get_default(call_default_factory=True):
                    yield from _walk(held, path[1:], (*place, key))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, path, (*place, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk(item, path, (*place, index))


def _problem(
    stack: Stack, path: Path, message: str, remedy: str | None, code: str = "unsupported"
) -> Problem:
    file, line, column = stack.where(path)
    return Problem(code, message, ".".join(str(key) for key in path), file, line, column, remedy)
