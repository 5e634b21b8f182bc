"""What is uploaded of a folder: judged by Azure's own client, and by what must never leave the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.ai.ml._utils._asset_utils import get_ignore_file, get_upload_files_from_folder
from hypothesis import given
from hypothesis import strategies as st
from mlstack_azure.tree import TREE

from mlstack import content
from mlstack.errors import UsageError

FILES = (
    "train.py",
    "data/a.csv",
    "data/b.csv",
    "data/deep/c.bin",
    "out/x.log",
    "x.log",
    "notes.md",
    "lib/out/y",
)


def _lay(
    root: Path, ignore: str | None = None, name: str = ".amlignore", files: tuple[str, ...] = FILES
) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(file, encoding="utf-8")
    if ignore is not None:
        (root / name).write_text(ignore, encoding="utf-8")


@pytest.mark.parametrize(
    "ignore",
    [
        "",
        "*.log",
        "data/",
        "data/*\n!data/a.csv",
        "/out",
        "out",
        "**/out",
        "# a comment\n\n*.csv",
        "data/**/c.bin",
        "*.md\n!notes.md",
        "[dn]*",
    ],
)
@pytest.mark.parametrize("name", [".amlignore", ".gitignore"])
def test_the_same_files_as_azure_s_own_client(tmp_path: Path, ignore: str, name: str) -> None:
    _lay(tmp_path, ignore, name)
    theirs = get_upload_files_from_folder(tmp_path, ignore_file=get_ignore_file(tmp_path))
    assert list(TREE.files(tmp_path)) == sorted(remote.removeprefix("./") for _, remote in theirs)


def test_amlignore_goes_before_gitignore(tmp_path: Path) -> None:
    _lay(tmp_path, "*.log")
    _lay(tmp_path, "*.csv", ".gitignore", ())
    assert "data/a.csv" in TREE.files(tmp_path)
    assert "x.log" not in TREE.files(tmp_path)


SECRETS = (".env", "deep/.env.production", "id_rsa", "keys/server.pem", ".aws/credentials", "Pulumi.dev.yaml")


def test_secrets_stay_here_and_are_told(tmp_path: Path) -> None:
    _lay(tmp_path, "*.log", files=(*FILES, *SECRETS, ".env.example"))
    assert not set(TREE.files(tmp_path)) & set(SECRETS)
    assert ".env.example" in TREE.files(tmp_path)
    assert TREE.left_out(tmp_path) == sorted(SECRETS)


def test_an_ignore_file_can_bring_one_back(tmp_path: Path) -> None:
    _lay(tmp_path, "!public.pem", files=("public.pem", "other.pem"))
    assert list(TREE.files(tmp_path)) == [".amlignore", "public.pem"]


def test_of_data_all_counts(tmp_path: Path) -> None:
    _lay(tmp_path, "*.csv", files=("a.csv", "b.pem"))
    assert list(TREE.files(tmp_path, plain=True)) == [".amlignore", "a.csv", "b.pem"]
    assert TREE.version(tmp_path, plain=True) == content.version(tmp_path)


def test_what_stays_here_makes_no_version(tmp_path: Path) -> None:
    _lay(tmp_path, "*.log")
    before = TREE.version(tmp_path)
    (tmp_path / "x.log").write_text("more", encoding="utf-8")
    assert TREE.version(tmp_path) == before
    (tmp_path / "train.py").write_text("more", encoding="utf-8")
    assert TREE.version(tmp_path) != before


def test_a_folder_of_which_nothing_goes(tmp_path: Path) -> None:
    _lay(tmp_path, "*", files=("a",))
    with pytest.raises(UsageError, match="no file to upload"):
        TREE.version(tmp_path)


@given(st.sets(st.sampled_from(FILES), min_size=1))
def test_the_version_is_the_contents_where_nothing_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    _lay(root, files=tuple(names))
    assert TREE.version(root) == content.version(root)
