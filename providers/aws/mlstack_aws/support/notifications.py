"""Notifications on AWS: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.notification import FromSecret

_CHAT = (
    "SNS posts alarms in a form that it does not take: give email, as a channel has an address of its own, "
    "or subscribe Amazon Q Developer in chat applications to the topic that an email makes"
)

UNSUPPORTED: Mapping[str, str] = {
    "notifications.slack": _CHAT,
    "notifications.teams": _CHAT,
    "notifications.apprise": "SNS knows no Apprise: give email, pagerduty or webhook",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, notification in stack.notifications.items():
        for field in ("pagerduty", "webhook"):
            given = getattr(notification, field)
            if isinstance(given, str) and not given.startswith(("https://", "http://")):
                yield (
                    ("notifications", name, field),
                    f"SNS posts to https:// and http://, and not to {given.partition(':')[0]}:",
                    "write an address that begins with https://",
                )
            secret = stack.secrets.get(given.secret) if isinstance(given, FromSecret) else None
            if secret is not None and secret.env is None:
                yield (
                    ("notifications", name, field),
                    f"the secret {given.secret!r} is in a store, and a subscription takes the address itself",
                    "have it in an environment variable, and write "
                    f"secrets.{given.secret}: {{env: VARIABLE}}",
                )
