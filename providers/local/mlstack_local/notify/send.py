"""Deliver one notice to one channel."""

from __future__ import annotations

import http.client
import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlencode

from mlstack_local import secrets
from mlstack_local.layout import Layout
from mlstack_local.notify.channel import Channel
from mlstack_local.notify.message import Notice

#: Of one message from its start to its end, and of each of its steps.
SECONDS = 30.0
_STEP_SECONDS = 20.0


def send(layout: Layout, channel: Channel, notice: Notice, seconds: float = SECONDS) -> str | None:
    """None when it arrived; else why it did not, without anything secret in it.

    After ``seconds`` it is given up, whatever the other side does: a server that sends a byte now and then
    would keep each step within its time and never end. It may still arrive then.
    """
    found: Queue[str | None] = Queue()

    def attempt() -> None:
        try:
            found.put(_send(layout, channel, notice))
        except Exception as failed:
            found.put(f"{type(failed).__name__} while it was sent")

    Thread(target=attempt, name=f"notify {channel.name}", daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except Empty:
        return f"it was not done after {seconds:g} s"


def _send(layout: Layout, channel: Channel, notice: Notice) -> str | None:
    address = channel.where(layout)
    if address is None:
        return f"the secret {channel.secret!r} is gone: `mlstack up` writes it again"
    if channel.kind == "webhook":
        return _redacted(_post(address, notice), address if channel.secret else "")
    password = secrets.read(layout, channel.smtp.password) if channel.smtp.password else None
    url = _URLS[channel.kind](channel, address, notice, password)
    hidden = "" if channel.kind == "email" else address
    return _redacted(_apprise(url, notice), hidden, password or "")


def _post(url: str, notice: Notice) -> str | None:
    """A POST of JSON; 2xx is well, redirects are not followed: they would turn it into a GET."""
    if not url.startswith(("http://", "https://")):
        return "the address is no http:// or https:// URL"
    body = json.dumps(notice.as_json()).encode()
    headers = {"content-type": "application/json", "user-agent": "mlstack", "x-mlstack-id": notice.id}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the scheme is checked
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_STEP_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        return f"it answered {error.code} {error.reason}"
    except http.client.InvalidURL as error:
        return f"the address is no URL that can be asked: {error}"
    except (OSError, ValueError) as error:
        return f"it cannot be reached: {getattr(error, 'reason', None) or error}"
    except http.client.HTTPException as error:
        return f"what it answered is no HTTP ({type(error).__name__})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _apprise(url: str, notice: Notice) -> str | None:
    import apprise

    logging.getLogger("apprise").propagate = False  # what it says goes through the redaction below
    capture: Any = apprise.LogCapture
    with capture(level=logging.WARNING, fmt="%(message)s") as said:
        service = apprise.Apprise()
        if not service.add(url):
            return "Apprise does not know an address of that form"
        kind = apprise.NotifyType.SUCCESS if notice.event == "resolved" else apprise.NotifyType.WARNING
        if service.notify(body=notice.text, title=notice.title, notify_type=kind):
            return None
        lines: list[str] = said.getvalue().splitlines()
        return " ".join(lines[-2:]) or "it was not accepted"


def _mail(channel: Channel, address: str, _notice: Notice, password: str | None) -> str:
    smtp = channel.smtp
    secure = smtp.security != "none"
    login = quote(smtp.user, safe="") if smtp.user else ""
    if smtp.user and password is not None:
        login += f":{quote(password, safe='')}"
    options = {
        "smtp": smtp.host,
        "from": smtp.sender,
        "to": address,
        "mode": {"none": "insecure", "starttls": "starttls", "tls": "ssl"}[smtp.security],
        "format": "text",
    }
    place = f"{login}@{smtp.host}" if login else smtp.host
    return f"{'mailtos' if secure else 'mailto'}://{place}:{smtp.port}?{urlencode(options)}"


def _pagerduty(_channel: Channel, key: str, notice: Notice, _password: str | None) -> str:
    """The key of the integration; its incident is resolved when the alert is."""
    options = urlencode({"action": "map", "dedup": notice.subject, "source": "mlstack"})
    return f"pagerduty://{quote(key, safe='')}@{quote(key, safe='')}?{options}"


def _as_it_is(_channel: Channel, address: str, _notice: Notice, _password: str | None) -> str:
    """Apprise knows the webhooks of Slack and of Teams by their hosts."""
    return address


_URLS: Mapping[str, Callable[[Channel, str, Notice, str | None], str]] = {
    "email": _mail,
    "pagerduty": _pagerduty,
    "slack": _as_it_is,
    "teams": _as_it_is,
    "apprise": _as_it_is,
}


def _redacted(text: str | None, *hidden: str) -> str | None:
    """The text without secrets, and without the longer parts of one (a token within a URL), quoted or not."""
    if text is None:
        return None
    parts = {part for value in hidden for part in re.split(r"[/:@?&=]+", value) if len(part) >= 6}
    parts |= {*filter(None, hidden)}
    forms = (quote, quote_plus, lambda part: quote(part, safe=""), unquote, unquote_plus)
    others = {form(part) for part in parts for form in forms}
    for part in sorted({*parts, *(part for part in others if len(part) >= 4)}, key=len, reverse=True):
        text = text.replace(part, "***")
    return text
