"""A fault in words: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import BaseModel

from mlstack.errors import Problem
from mlstack.spec.load.collapse import Fault
from mlstack.spec.load.limits import MAX_SUGGESTIONS
from mlstack.spec.load.secrecy import is_secret, redact, show
from mlstack.spec.load.shape import keys_at
from mlstack.spec.source import Place, Source, dotted
from mlstack.suggest import suggest

# pydantic's type of error -> the kind of value that would have done
_KINDS = (
    (re.compile(r"string_|str_"), "a text"),
    (re.compile(r"int_"), "a whole number"),
    (re.compile(r"float_|decimal_"), "a number"),
    (re.compile(r"bool_"), "true or false"),
    (re.compile(r"model_|dict_|mapping_|dataclass_"), "a mapping"),
    (re.compile(r"list_|tuple_|set_|iterable_"), "a list"),
    (re.compile(r"none_required"), "nothing"),
)
_WORD = 60  # a longer one is no slip of the pen
_SHOWN_KEYS = 12


class Messages:
    """Turns faults into problems. Suggests for the first hundred, so that no file can make it slow."""

    def __init__(self, model: type[BaseModel], source: Source) -> None:
        self.model = model
        self.source = source
        self.left = MAX_SUGGESTIONS
        self.known_near: dict[tuple[str, ...], str | None] = {}

    def problem(self, fault: Fault) -> Problem:
        if "-" in fault.type or fault.type not in _WORDS:
            code, message, remedy = _own(fault) if "-" in fault.type else self._other(fault)
        else:
            code, message, remedy = _WORDS[fault.type](self, fault)
        return Problem(code, message, dotted(fault.path), *self._place(fault), remedy=remedy)

    def _place(self, fault: Fault) -> Place:
        if fault.on_key or fault.type == "extra_forbidden":
            return self.source.locate_key(fault.path)
        return self.source.locate(fault.path)

    def meant(self, fault: Fault) -> str | None:
        """The key that an unknown one was evidently meant to be."""
        return self._near(str(fault.path[-1]), keys_at(self.model, fault.path[:-1]))

    def unknown_key(self, fault: Fault) -> tuple[str, str, str | None]:
        name, parent = str(fault.path[-1]), fault.path[:-1]
        near = self.meant(fault)
        remedy = f"did you mean '{near}'?" if near else self._above(name, parent)
        remedy = remedy or _known(keys_at(self.model, parent))
        within = f" in {_where(parent)}" if parent else ""
        return "unknown-key", f"unknown key '{_short(name)}'{within}", remedy or "remove it"

    def _above(self, name: str, parent: tuple[str | int, ...]) -> str | None:
        """Where an object further out has the key, that one is meant."""
        outer = (parent[:end] for end in range(len(parent) - 1, -1, -1))
        place = next((each for each in outer if name in keys_at(self.model, each)), None)
        return None if place is None else f"it is a key of {_where(place)}: write it there"

    def missing(self, fault: Fault) -> tuple[str, str, str | None]:
        if fault.needs_one_of:
            names = " or ".join(f"'{name}'" for name in fault.needs_one_of)
            return "missing-key", f"{_where(fault.path)} needs {names}", "give one of them"
        name, parent = fault.path[-1], fault.path[:-1]
        return "missing-key", f"{_where(parent)} has no '{name}', which it needs", f"add `{name}: …`"

    def choice(self, fault: Fault) -> tuple[str, str, str | None]:
        if not isinstance(fault.value, str):
            return self.wrong_type(fault)
        expected = str(fault.context.get("expected", ""))
        allowed = re.findall(r"'([^']*)'", expected)
        near = None if is_secret(fault.path) else self._near(fault.value, allowed)
        message = f"{show(fault.value, fault.path)} is no value of {_where(fault.path)}"
        return "unknown-value", message, (f"did you mean '{near}'? " if near else "") + f"allowed: {expected}"

    def wrong_type(self, fault: Fault) -> tuple[str, str, str | None]:
        tried = fault.accepted or (fault,)
        if len({one.type for one in tried} | {"literal_error"}) == 1 and isinstance(fault.value, str):
            expected = " or ".join(str(one.context.get("expected", "")) for one in tried)
            return self.choice(Fault("literal_error", fault.path, "", fault.value, {"expected": expected}))
        kinds = list(dict.fromkeys(_kind(one) for one in tried))
        if "a number" in kinds and "a whole number" in kinds:
            kinds.remove("a whole number")
        keys = keys_at(self.model, fault.path)
        described = [
            f"a mapping with {_listed(keys)}" if kind == "a mapping" and keys else kind for kind in kinds
        ]
        message = (
            f"{_where(fault.path)} is {show(fault.value, fault.path)}, where {_either(kinds)} is expected"
        )
        return "wrong-type", message, f"write {_either(described)}"

    def _other(self, fault: Fault) -> tuple[str, str, str | None]:
        if fault.of_kind:
            return self.wrong_type(fault)
        said = fault.message
        if fault.type in ("value_error", "assertion_error"):
            said = said.split(", ", 1)[-1]
        else:
            said = re.sub(r"^\w+( \w+)? should ", "it should ", said)
        shown = show(fault.value, fault.path)
        if fault.on_key:
            shown = f"the name {show(fault.path[-1], ())}"
        return "bad-value", f"{_where(fault.path)}: {shown} will not do: {said}", "correct the value"

    def _near(self, word: str, known: list[str]) -> str | None:
        asked = (word, *known)
        if asked not in self.known_near and len(word) <= _WORD and self.left > 0:
            self.left -= 1
            self.known_near[asked] = suggest(word, known)
        return self.known_near.get(asked)


_WORDS: dict[str, Callable[[Messages, Fault], tuple[str, str, str | None]]] = {
    "extra_forbidden": Messages.unknown_key,
    "missing": Messages.missing,
    "literal_error": Messages.choice,
    "enum": Messages.choice,
}


def _own(fault: Fault) -> tuple[str, str, str | None]:
    """An error of the models themselves: it has its code, its words and its remedy."""
    remedy = fault.context.get("remedy")
    words = [fault.message, str(remedy) if remedy else ""]
    if not fault.on_key:
        words = [redact(text, fault.value, fault.path) for text in words]
    return fault.type, words[0], words[1] or None


def _kind(fault: Fault) -> str:
    if fault.type in ("literal_error", "enum"):
        return str(fault.context.get("expected", "another value"))
    for pattern, kind in _KINDS:
        if pattern.match(fault.type):
            return kind
    return "another kind of value"


def _where(path: tuple[str | int, ...]) -> str:
    text = dotted(path) or "the spec"
    return text if len(text) <= 2 * _WORD else text[: 2 * _WORD - 3] + "..."


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _known(keys: list[str]) -> str | None:
    if not keys:
        return None
    return f"known here: {', '.join(keys)}"


def _listed(keys: list[str]) -> str:
    return ", ".join(keys[:_SHOWN_KEYS]) + (" …" if len(keys) > _SHOWN_KEYS else "")


def _short(name: str) -> str:
    return name if len(name) <= _WORD else name[: _WORD - 3] + "..."
