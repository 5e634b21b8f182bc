"""Ids of AWS that specs and settings hold, by their form."""

from __future__ import annotations

import re

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")


def not_a_role(text: str) -> tuple[str, str]:
    """What to say of a text that should be a role's ARN, and the way out."""
    return (
        f"{text!r} is no ARN of a role",
        "write arn:aws:iam::ACCOUNT:role/NAME, with the 12 digits of the account; "
        "`aws iam get-role --role-name NAME` shows it",
    )


def is_role(text: str) -> bool:
    return _ROLE.fullmatch(text) is not None
