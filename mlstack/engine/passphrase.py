"""The passphrase that encrypts secrets in a state: the user's own, or one made for this machine."""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "mlstack"
_ACCOUNT = "passphrase"


def passphrase_file() -> Path:
    """Where the passphrase is kept when the operating system has no keyring (mode 0600)."""
    return Path(platformdirs.user_config_dir("mlstack", appauthor=False)) / "passphrase"


def variables() -> dict[str, str]:
    """Environment for the engine, so that it asks nobody. Empty where the user has set one already."""
    if any(name in os.environ for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")):
        return {}
    return {"PULUMI_CONFIG_PASSPHRASE": _passphrase()}


def places() -> dict[str, str]:
    """The same for a shell, as places: no value is in it."""
    if not variables():
        return {}
    file = passphrase_file()
    if file.is_file():
        return {"PULUMI_CONFIG_PASSPHRASE_FILE": shlex.quote(str(file))}
    return {"PULUMI_CONFIG_PASSPHRASE": f'"$(keyring get {_SERVICE} {_ACCOUNT})"'}


def _passphrase() -> str:
    file = passphrase_file()
    if file.is_file():
        return file.read_text().strip()
    stored = _keyring_get()
    if stored is None:
        stored = secrets.token_urlsafe(32)
        if not _keyring_set(stored):
            _write_private(file, stored)
            return file.read_text().strip()  # another run may have been first
    return stored


def _write_private(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text + "\n")
    try:
        os.link(scratch, file)  # unlike a rename, never replaces one that is there
    except FileExistsError:
        pass
    finally:
        scratch.unlink()


def _keyring_get() -> str | None:
    backend = _keyring()
    return backend.get_password(_SERVICE, _ACCOUNT) if backend else None


def _keyring_set(value: str) -> bool:
    backend = _keyring()
    if not backend:
        return False
    backend.set_password(_SERVICE, _ACCOUNT, value)
    return bool(backend.get_password(_SERVICE, _ACCOUNT) == value)


def _keyring() -> KeyringBackend | None:
    """The operating system's keyring, or None: no desktop session, nothing that could answer."""
    if not (os.environ.get("DBUS_SESSION_BUS_ADDRESS") or os.uname().sysname == "Darwin"):
        return None
    import keyring
    from keyring.errors import KeyringError

    try:
        backend = keyring.get_keyring()
        backend.get_password(_SERVICE, _ACCOUNT)
    except KeyringError:
        return None
    return backend if backend.priority >= 1 else None
