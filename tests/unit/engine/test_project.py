"""What the engine is to run: where its states are kept, what its files are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstack.engine.project import Project, backend_url, file_backend, state_file


def project(root: Path, stack: str = "dev-local", **manifest: object) -> Project:
    return Project(root, "digits", stack, "local", lambda: None, {"name": "digits", **manifest})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has not logged in, in a folder that is not the project's."""
    folder = tmp_path / "home of a user"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.delenv("PULUMI_HOME", raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file://~", "."),
        ("file://~/states", "states"),
        ("file://./states", "states"),
        ("file://a%20b", "a b"),
    ],
)
def test_a_file_backend_is_where_the_engine_would_look_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str, folder: str
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    chosen = backend_url(project(home.parent))
    assert chosen.startswith("file:///")
    assert file_backend(chosen) == (home / folder).resolve()


def test_a_login_on_this_machine_is_honoured(home: Path) -> None:
    (home / ".pulumi").mkdir()
    (home / ".pulumi" / "credentials.json").write_text(json.dumps({"current": "file://~"}))
    assert file_backend(backend_url(project(home.parent))) == home.resolve()


def test_the_manifest_s_relative_backend_is_beside_it(home: Path) -> None:
    given = project(home.parent, backend={"url": "file://./states"})
    assert file_backend(backend_url(given)) == (home.parent / "states").resolve()


@pytest.mark.parametrize("url", ["file:///var/states?no_tmp_dir=true", "s3://bucket/states"])
def test_a_whole_url_is_left_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert backend_url(project(home.parent)) == url


def test_files_are_named_after_the_stack_without_its_organisation(tmp_path: Path) -> None:
    given = project(tmp_path, stack="organization/digits/dev")
    assert given.stack_file.path == tmp_path / "Pulumi.dev.yaml"
    assert state_file(tmp_path, given).name == "dev.json"
