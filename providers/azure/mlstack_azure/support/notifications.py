"""Notifications on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack.spec.notification import FromSecret
from mlstack_azure.support.common import Refusal

_CHAT = (
    "an action group posts alerts in a form that it does not take: give email, as each channel has an "
    "address of its own; or webhook: {secret: NAME}, of a Logic App that passes them on"
)

UNSUPPORTED: Mapping[str, str] = {
    "notifications.slack": _CHAT,
    "notifications.teams": _CHAT,
    "notifications.apprise": "an action group knows no Apprise: give email, pagerduty or webhook",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, notification in stack.notifications.items():
        for field in ("pagerduty", "webhook"):
            given = getattr(notification, field)
            secret = stack.secrets.get(given.secret) if isinstance(given, FromSecret) else None
            if secret is not None and secret.env is None:
                yield (
                    ("notifications", name, field),
                    f"the secret {given.secret!r} is in a store, and an action group takes the address "
                    "itself",
                    "have it in an environment variable, and write "
                    f"secrets.{given.secret}: {{env: VARIABLE}}",
                )
