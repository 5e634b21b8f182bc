"""What a validator of the spec raises: a stable code, what is wrong, and what to do about it."""

from __future__ import annotations

from reprlib import Repr

from pydantic_core import PydanticCustomError


def fault(code: str, message: str, remedy: str) -> PydanticCustomError:
    """An error for pydantic to carry out: ``type`` is the code, ``ctx["remedy"]`` says what to do.

    The message is complete as it stands (it is no template): it may hold braces that a user wrote.
    """
    return PydanticCustomError(code, "{message}", {"message": message, "remedy": remedy})


def shown(value: object, limit: int = 60) -> str:
    """A wrong value as it may be quoted in a message: never long, however deep or wide the value is."""
    text = _QUOTE.repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


_QUOTE = Repr()
_QUOTE.maxlevel = 2
_QUOTE.maxstring = _QUOTE.maxother = _QUOTE.maxlong = 60
