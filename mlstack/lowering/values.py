"""Values that may be known only when the program runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from mlstack.spec import is_deferred


def lift(value: Any, change: Callable[[str], Any]) -> Any:
    """The change of a text, whether it is known now or only when the program runs."""
    if is_deferred(value):
        import pulumi

        return pulumi.Output.from_input(value).apply(lambda text: change(str(text)))
    return change(str(value))


def join(*parts: Any) -> Any:
    """Texts put together: plain where all of them are."""
    if any(is_deferred(part) for part in parts):
        import pulumi

        return pulumi.Output.concat(*parts)
    return "".join(str(part) for part in parts)


def salted(stack_uid: str, name: str, value: str) -> str:
    """12 hex digits that change with a secret's value. Slow, so that short values cannot be found by
    trying."""
    salt = f"{stack_uid}/{name}".encode()
    return hashlib.scrypt(value.encode(), salt=salt, n=2**14, r=8, p=1, dklen=6).hex()
