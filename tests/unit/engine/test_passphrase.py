"""The passphrase: the user's where there is one, else made once and kept private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mlstack.engine import passphrase


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


def test_it_is_made_once_and_only_its_owner_reads_it() -> None:
    first = passphrase.variables()
    assert first == passphrase.variables()
    assert len(first["PULUMI_CONFIG_PASSPHRASE"]) >= 32
    file = passphrase.passphrase_file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in file.parent.iterdir()] == ["passphrase"]


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_the_users_own_is_left_to_the_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    assert passphrase.variables() == {}
    assert not passphrase.passphrase_file().exists()
