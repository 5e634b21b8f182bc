"""Notifications on Google Cloud: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.notification import FromSecret

_CHAT = (
    "a channel of Cloud Monitoring does not write to a chat's webhook: give email, as each channel has an "
    "address of its own; or webhook: {secret: NAME}, of a function that passes alerts on"
)

UNSUPPORTED: Mapping[str, str] = {
    "notifications.slack": _CHAT,
    "notifications.teams": _CHAT,
    "notifications.apprise": "Cloud Monitoring knows no Apprise: give email, pagerduty or webhook",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, notification in stack.notifications.items():
        for field in ("pagerduty", "webhook"):
            given = getattr(notification, field)
            if isinstance(given, str) and not given.startswith("https://"):
                yield (
                    ("notifications", name, field),
                    f"Cloud Monitoring posts to https:// alone, and not to {given.partition(':')[0]}:",
                    "write an address that begins with https://",
                )
            secret = stack.secrets.get(given.secret) if isinstance(given, FromSecret) else None
            if secret is not None and secret.env is None:
                yield (
                    ("notifications", name, field),
                    f"the secret {given.secret!r} is in a store, and a channel takes the address itself",
                    "have it in an environment variable, and write "
                    f"secrets.{given.secret}: {{env: VARIABLE}}",
                )
