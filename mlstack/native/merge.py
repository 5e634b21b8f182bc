"""Merge plain values into the typed inputs of an SDK's classes.

Maps merge deeply, lists replace, null removes. Where there is no object yet, one of the SDK's class is made;
of a union, the class of the object that is there, or the one that the discriminator or the keys name.
Nothing that was given is changed: objects on the way are copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from mlstack.sdktypes import (
    Mismatch,
    Path,
    Property,
    arm,
    is_args,
    is_mapping,
    items,
    mismatches,
    shape,
    unknown_key,
)


@dataclass
class Merging:
    """One merge: what is wrong with it, and the paths that it sets (list items are not parted)."""

    mismatches: list[Mismatch] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)

    def arguments(self, args: Mapping[str, Any], block: Mapping[str, Any], cls: type) -> dict[str, Any]:
        """The arguments of a resource (inputs as in ``cls``) with the block merged in."""
        merged = dict(args)
        for key, value in self._properties(merged, block, cls, ()):
            merged[key] = value
        return {key: value for key, value in merged.items() if key not in block or value is not None}

    def _properties(
        self, present: Mapping[str, Any], block: Mapping[str, Any], cls: type, path: Path
    ) -> list[tuple[str, Any]]:
        """The new values of an object's properties; None for one that is removed."""
        shaped = shape(cls)
        found = []
        for key, given in block.items():
            here = (*path, key)
            if key not in shaped:
                self.mismatches.append(unknown_key(here, cls, shaped))
            elif given is None:
                self._removed(shaped[key], cls, here)
                found.append((key, None))
            elif shaped[key].constant is not None and given != shaped[key].constant:
                constant = str(shaped[key].constant)
                self._wrong(here, f"{cls.__name__} has {constant!r} here, not {given!r}", constant)
            else:
                found.append((key, self.value(present.get(key), given, shaped[key].types, here)))
        return found

    def _removed(self, removed: Property, cls: type, path: Path) -> None:
        if removed.required:
            self._wrong(path, f"{cls.__name__} needs {removed.name!r}: it cannot be removed", None)
        self.paths.append(path)

    def value(self, present: Any, given: Any, types: tuple[Any, ...], path: Path) -> Any:
        """The value that comes of laying ``given`` over ``present``."""
        if isinstance(given, Mapping):
            return self._mapping(present, given, types, path)
        self.paths.append(path)
        told = list(mismatches(given, types, ignored=_deferred, path=path))
        self.mismatches += told
        if isinstance(given, list | tuple) and not told:
            held = next((items(each) for each in types if items(each) and not is_mapping(each)), None) or ()
            quiet = Merging()  # an item is set as a whole: its paths are not told
            made = [quiet.value(None, each, held, (*path, n)) for n, each in enumerate(given)]
            self.mismatches += quiet.mismatches
            return made
        return given

    def _mapping(self, present: Any, given: Mapping[str, Any], types: tuple[Any, ...], path: Path) -> Any:
        cls = self._class(present, given, types, path)
        if cls is not None:
            return self._object(present, given, cls, path)
        held = next((items(each) for each in types if is_mapping(each)), None)
        if held is None and Any not in types:
            if not any(is_args(each) for each in types):
                self.mismatches += mismatches(given, types, path=path)
            return given
        if isinstance(present, pulumi.Output):
            return self._later(present, given, held or (), path)
        before = dict(present) if isinstance(present, Mapping) else {}
        for key, value in given.items():
            if value is None:
                self.paths.append((*path, key))
                before.pop(key, None)
            else:
                before[key] = self.value(before.get(key), value, held or (), (*path, key))
        return before

    def _later(
        self, present: pulumi.Output[Any], given: Mapping[str, Any], held: tuple[Any, ...], path: Path
    ) -> Any:
        """Into a map that is not known yet; what is given is judged all the same."""
        made = {key: self.value(None, value, held, (*path, key)) for key, value in given.items()}
        known = pulumi.Output.all(present, made)
        return known.apply(
            lambda both: {
                key: value for key, value in {**(both[0] or {}), **both[1]}.items() if value is not None
            }
        )

    def _object(self, present: Any, given: Mapping[str, Any], cls: type, path: Path) -> Any:
        before = _properties_of(present, cls)
        changed = self._properties(before, given, cls, path)
        values = {key: value for key, value in {**before, **dict(changed)}.items() if value is not None}
        fixed = {name: each.constant for name, each in shape(cls).items() if each.constant is not None}
        for name, each in shape(cls).items():
            if each.required and name not in values and name not in fixed and name not in given:
                self._wrong((*path, name), f"{cls.__name__} needs {name!r}", None)
                return None
        if isinstance(present, cls):
            made: Any = object.__new__(cls)
            vars(made).update({key: value for key, value in vars(present).items() if key not in given})
            for key, value in changed:
                if value is not None:
                    pulumi.set(made, key, value)
            return made
        return None if self.mismatches else cls(**{**fixed, **values})

    def _class(self, present: Any, given: Mapping[str, Any], types: tuple[Any, ...], path: Path) -> Any:
        """The SDK's class of the object that a mapping means; None where it means a plain map."""
        arms = [each for each in types if is_args(each)]
        told = {key: value for key, value in given.items() if isinstance(value, str)}
        named = [each for each in arms if _named(each, told)]
        if named:
            return named[0]
        if is_args(type(present)):
            return type(present)
        if len(arms) < 2:
            return arms[0] if arms else None
        fitting = [each for each in arms if given.keys() <= shape(each).keys()]
        if len(fitting) == 1:
            return fitting[0]
        nearest = arm(given, types)
        if not fitting and nearest is not None:
            return nearest
        self._wrong(path, f"this may be any of {', '.join(each.__name__ for each in arms)}", None)
        return None

    def _wrong(self, path: Path, message: str, suggestion: str | None) -> None:
        self.mismatches.append(Mismatch(path, message, suggestion))


def _named(cls: type, given: Mapping[str, str]) -> bool:
    """Whether a discriminator in the mapping names the class."""
    fixed = {name: each.constant for name, each in shape(cls).items() if each.constant is not None}
    return any(given.get(name) == constant for name, constant in fixed.items())


def _properties_of(present: Any, cls: type) -> dict[str, Any]:
    """What of the present object its new class has too."""
    if isinstance(present, Mapping):
        return {key: value for key, value in present.items() if key in shape(cls)}
    if not is_args(type(present)):
        return {}
    held: type = type(present)
    constants = {name for name, each in shape(held).items() if each.constant is not None}
    same = isinstance(present, cls)
    return {
        key: value
        for key, value in vars(present).items()
        if key in shape(cls) and (same or key not in constants)
    }


def _deferred(value: Any) -> bool:
    return isinstance(value, pulumi.Output)
