"""Notices arrive at real servers, and what does not arrive says why without saying a secret."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import apprise
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from mlstack_local import notify, secrets
from mlstack_local.layout import Layout
from mlstack_local.monitors.reading import Reading
from mlstack_local.notify import Channel, Notice, Smtp
from mlstack_local.notify.send import _URLS, _redacted

from ..receiver import Receiver

TOKEN = "T0K3N-hunter2-c4n4ry"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path, "u1")


def notice(event: str = "firing", **given: Any) -> Notice:
    reading = Reading(
        monitor="drift",
        endpoint="digits",
        signal="data-drift",
        measure="psi",
        time=1767323045.0,
        since=1767319445.0,
        until=1767323045.0,
        state="firing",
        value=0.8312,
        threshold=0.2,
        samples=400,
        needed=200,
        seconds=0.5,
        columns=[{"name": "p20", "value": 0.8312, "p_value": 0.0, "chance": False}],
        report=".mlstack/report.html",
        **given,
    )
    return Notice("u1-drift-1", "mlstack-u1-drift", event, "digits", reading)


class Inbox:
    """A mail server: who may log in, and what came."""

    def __init__(self, password: str | None = None) -> None:
        self.mails: list[Any] = []
        self.senders: list[tuple[str, list[str]]] = []
        options: dict[str, Any] = {}
        if password is not None:

            def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
                return AuthResult(success=data.password.decode() == password)

            options = {"authenticator": login, "auth_required": True, "auth_require_tls": False}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=port, **options)
        self.port = port

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.senders.append((envelope.mail_from, envelope.rcpt_tos))
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    made.controller.start()
    yield made
    made.controller.stop()


@pytest.fixture
def locked_inbox() -> Iterator[Inbox]:
    made = Inbox(TOKEN)
    made.controller.start()
    yield made
    made.controller.stop()


def test_a_webhook_is_posted_the_reading(layout: Layout, webhook: Receiver) -> None:
    assert notify.send(layout, Channel("n", "webhook", webhook.url), notice()) is None
    [body] = webhook.told
    assert (body["id"], body["event"], body["project"]) == ("u1-drift-1", "firing", "digits")
    assert body["title"] == "FIRING: drift of endpoint digits (psi 0.8312)"
    assert body["reading"]["window"] == {
        "since": "2026-01-02T02:04:05.000Z",
        "until": "2026-01-02T03:04:05.000Z",
    }
    assert body["reading"]["columns"][0]["name"] == "p20"
    assert webhook.headers[0]["x-mlstack-id"] == "u1-drift-1"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_answer_is_no_delivery(layout: Layout, webhook: Receiver, status: int) -> None:
    webhook.answers = [status]
    error = notify.send(layout, Channel("n", "webhook", webhook.url), notice())
    assert error is not None
    assert str(status) in error
    assert webhook.told == []


def test_an_address_in_a_secret_is_in_no_error(layout: Layout) -> None:
    secrets.write(layout, "hook", f"http://127.0.0.1:9/{TOKEN}")
    error = notify.send(layout, Channel("n", "webhook", secret="hook"), notice())
    assert error is not None
    assert "cannot be reached" in error
    assert TOKEN not in error
    gone = notify.send(layout, Channel("n", "webhook", secret="lost"), notice())
    assert gone is not None
    assert "'lost' is gone" in gone


@pytest.fixture
def speaks() -> Iterator[Callable[..., str]]:
    """Give it pieces: the URL of a server that answers with them, one every tenth of a second."""
    with contextlib.ExitStack() as stack:

        def start(*pieces: bytes) -> str:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                with contextlib.suppress(OSError), server.accept()[0] as connection:
                    while not connection.recv(65536).endswith(b"}"):
                        pass
                    for piece in pieces:
                        connection.sendall(piece)
                        if ended.wait(0.1):
                            return

            thread = Thread(target=serve)
            thread.start()
            stack.callback(thread.join)
            stack.callback(ended.set)
            return f"http://127.0.0.1:{server.getsockname()[1]}/hook"

        ended = Event()
        yield start


def test_a_server_that_drips_is_given_up(layout: Layout, speaks: Callable[..., str]) -> None:
    url = speaks(b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 10_000)
    error = notify.send(layout, Channel("n", "webhook", url), notice(), seconds=1.0)
    assert error == "it was not done after 1 s"


def test_what_is_no_http_is_said(layout: Layout, speaks: Callable[..., str]) -> None:
    error = notify.send(layout, Channel("n", "webhook", speaks(b"SSH-2.0-OpenSSH_9.2\r\n")), notice())
    assert error == "what it answered is no HTTP (BadStatusLine)"


def test_a_url_that_cannot_be_asked_is_said(layout: Layout) -> None:
    error = notify.send(layout, Channel("n", "webhook", "http://127.0.0.1:port/a"), notice())
    assert error == "the address is no URL that can be asked: nonnumeric port: 'port'"


def test_a_password_is_in_no_error_however_it_is_quoted(layout: Layout) -> None:
    secrets.write(layout, "hook", "http://127.0.0.1:c4n4ry%2F%40x/")
    error = notify.send(layout, Channel("n", "webhook", secret="hook"), notice())
    assert error is not None
    assert "is no URL" in error
    assert "c4n4ry" not in error
    for text in ("c4n4ry/@x y", "c4n4ry%2F%40x%20y", "c4n4ry/%40x%20y", "c4n4ry%2F%40x+y"):
        assert _redacted(f"login of ml:{text} failed", "c4n4ry/@x y") == "login of ml:*** failed"


def test_a_mail_arrives(layout: Layout, inbox: Inbox) -> None:
    smtp = Smtp(host="127.0.0.1", port=inbox.port, sender="ml@example.com")
    assert notify.send(layout, Channel("n", "email", "oncall@example.com", smtp=smtp), notice()) is None
    assert inbox.senders == [("ml@example.com", ["oncall@example.com"])]
    [mail] = inbox.mails
    assert "FIRING: drift of endpoint digits" in mail["subject"]
    assert "p20: 0.8312" in mail.get_body(("plain",)).get_content()


def test_a_mail_server_with_a_password(layout: Layout, locked_inbox: Inbox) -> None:
    smtp = Smtp(host="127.0.0.1", port=locked_inbox.port, user="ml", password="smtp-password")
    channel = Channel("n", "email", "oncall@example.com", smtp=smtp)
    secrets.write(layout, "smtp-password", TOKEN + "x")
    error = notify.send(layout, channel, notice())
    assert error is not None
    assert TOKEN not in error
    assert locked_inbox.mails == []
    secrets.write(layout, "smtp-password", TOKEN)
    assert notify.send(layout, channel, notice("resolved")) is None
    assert "RESOLVED" in locked_inbox.mails[0]["subject"]


def test_no_mail_server_is_an_error(layout: Layout) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        smtp = Smtp(host="127.0.0.1", port=probe.getsockname()[1])
        error = notify.send(layout, Channel("n", "email", "a@example.com", smtp=smtp), notice())
    assert error


def test_an_apprise_address_of_any_kind(layout: Layout, webhook: Receiver) -> None:
    """json:// is Apprise's own POST; an address that it does not know is named without its content."""
    secrets.write(layout, "chat", webhook.url.replace("http://", "json://"))
    assert notify.send(layout, Channel("n", "apprise", secret="chat"), notice()) is None
    assert webhook.told[0]["title"] == "FIRING: drift of endpoint digits (psi 0.8312)"
    assert webhook.told[0]["type"] == "warning"
    webhook.answers = [500]
    error = notify.send(layout, Channel("n", "apprise", secret="chat"), notice())
    assert error is not None
    assert "500" in error
    secrets.write(layout, "chat", f"nonsense://{TOKEN}")
    error = notify.send(layout, Channel("n", "apprise", secret="chat"), notice())
    assert error is not None
    assert TOKEN not in error


@pytest.mark.parametrize(
    ("kind", "address", "service"),
    [
        ("slack", "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
        (
            "teams",
            "https://prod-01.westeurope.logic.azure.com:443/workflows/0123456789abcdef/triggers/manual/paths/"
            "invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghij",
            "Power Automate / Workflows (for MSTeams)",
        ),
        ("pagerduty", "0123456789abcdef0123456789abcdef", "Pager Duty"),
    ],
)
def test_addresses_as_the_services_hand_them_out_are_known(kind: str, address: str, service: str) -> None:
    made = apprise.Apprise.instantiate(_URLS[kind](Channel("n", kind, address), address, notice(), None))
    assert made is not None
    assert made.service_name == service
    if kind == "pagerduty":
        assert (made.integration_key, made.action, made.dedup) == (address, "map", "mlstack-u1-drift")
