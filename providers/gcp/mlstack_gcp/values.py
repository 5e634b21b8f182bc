"""Values that may be known only when the program runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

from mlstack.spec import is_deferred


def lift(value: Any, change: Callable[[str], Any]) -> Any:
    """The change of a text, whether it is known now or only when the program runs."""
    if is_deferred(value):
        return pulumi.Output.from_input(value).apply(lambda text: change(str(text)))
    return change(str(value))


def last(id: Any) -> Any:
    """The name at the end of a resource's path; a plain name is its own."""
    return lift(id, lambda text: text.rstrip("/").rsplit("/", 1)[-1])


def join(*parts: Any) -> Any:
    """Texts put together: plain where all of them are."""
    if any(is_deferred(part) for part in parts):
        return pulumi.Output.concat(*parts)
    return "".join(str(part) for part in parts)
