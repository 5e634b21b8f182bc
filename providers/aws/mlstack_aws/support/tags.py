"""Tags that AWS does not take: "Tag naming limits and requirements", user guide "Tagging AWS resources"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import KINDS, Stack, is_deferred, resources

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}

_MOST, _OWN = 50, 1  # of them, one says whose stack it is
_KEY, _VALUE = 128, 256
_TEXT = re.compile(r"[\w\s.:/=+@-]*")


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from _of(("tags",), stack.tags, 0)
    for kind, name, spec in resources(stack):
        place = (kind,) if KINDS[kind].single else (kind, name)
        own = getattr(spec, "tags", None) or {}
        yield from _of((*place, "tags"), own, len(stack.tags.keys() - own.keys()))


def _of(place: tuple[str | int, ...], tags: Mapping[str, Any], beside: int) -> Iterator[Refusal]:
    if tags and len(tags) + beside > _MOST - _OWN:
        yield (
            place,
            f"a resource of AWS has {_MOST} tags at most, and this comes to {len(tags) + beside + _OWN} with "
            "mlstack's own",
            f"leave out all but {_MOST - _OWN}",
        )
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            yield (
                (*place, key),
                "names that begin with aws: are AWS's own",
                f"write {key[len('aws:') :]}, or another word before the colon",
            )
        elif is_deferred(value):
            continue
        elif not _TEXT.fullmatch(key) or not _TEXT.fullmatch(str(value)):
            yield (
                (*place, key),
                "a tag of AWS has letters, digits, spaces and . : / = + - @ _",
                "leave out what else there is in its name and its value",
            )
        elif len(key) > _KEY or len(str(value)) > _VALUE:
            yield (
                (*place, key),
                f"the name of a tag has {_KEY} characters at most, its value {_VALUE}",
                "make it shorter",
            )
