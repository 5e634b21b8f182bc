"""Texts of ``settings`` that have a form of the platform's."""

from __future__ import annotations

import re

from pydantic import AfterValidator

from mlstack.spec.faults import fault


def formed(pattern: str, what: str, remedy: str) -> AfterValidator:
    """Refuses what the whole pattern does not fit: "TEXT is no WHAT"."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text):
            return text
        raise fault("bad-id", f"{text!r} is no {what}", remedy)

    return AfterValidator(check)
