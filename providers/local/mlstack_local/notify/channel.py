"""A notification as its file says it: ``notifications/<name>.json``, mode 0600."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlstack_local import secrets
from mlstack_local.files import private_folder, write_private
from mlstack_local.layout import Layout


@dataclass(frozen=True)
class Smtp:
    """The mail server. ``password`` names a secret of the stack; ``sender`` is the mail's From."""

    host: str = "localhost"
    port: int = 25
    security: str = "none"
    user: str | None = None
    password: str | None = None
    sender: str = "mlstack@localhost"


@dataclass(frozen=True)
class Channel:
    """``kind`` is the field of the spec: email, slack …; the address is in ``address``, or in ``secret``."""

    name: str
    kind: str
    address: str | None = None
    secret: str | None = None
    smtp: Smtp = Smtp()

    def where(self, layout: Layout) -> str | None:
        """The address; None when its secret is gone."""
        value = secrets.read(layout, self.secret) if self.secret else self.address
        return value.strip() if value is not None else None


def path(layout: Layout, name: str) -> Path:
    return layout.home / "notifications" / f"{name}.json"


def write(layout: Layout, channel: Channel) -> None:
    file = path(layout, channel.name)
    private_folder(file.parent)
    write_private(file, json.dumps(asdict(channel), indent=1))


def read(layout: Layout, name: str) -> Channel | None:
    try:
        document: Mapping[str, Any] = json.loads(path(layout, name).read_text())
    except FileNotFoundError:
        return None
    return parsed(document)


def parsed(document: Mapping[str, Any]) -> Channel:
    """What `write` has written."""
    return Channel(**{**document, "smtp": Smtp(**document["smtp"])})
