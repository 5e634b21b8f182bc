"""The stack's file: uid and cloud are given once, comments survive, writes are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.engine.project import read_manifest
from mlstack.engine.stackfile import StackFile
from mlstack.errors import UsageError


def test_binding_gives_a_uid_once(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev-local.yaml"
    first = StackFile(path)
    uid = first.bind("local", "digits")
    first.save()
    second = StackFile(path)
    assert second.bind("azure", "digits") == uid
    assert second.get("cloud") == "local"
    assert len(uid) == 8


def test_two_stacks_never_share_a_uid(tmp_path: Path) -> None:
    uids = {StackFile(tmp_path / f"Pulumi.{n}.yaml").bind("local", "digits") for n in range(100)}
    assert len(uids) == 100


def test_what_a_person_wrote_survives(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("# ours\nencryptionsalt: v1:abc=\nconfig:\n  other:key: 1  # why\n")
    file = StackFile(path)
    file.bind("local", "digits")
    file.save()
    text = path.read_text()
    assert "# ours" in text
    assert "other:key: 1  # why" in text
    assert file.salt == "v1:abc="
    assert StackFile(path).get("cloud") == "local"


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("")
    file = StackFile(path)
    assert file.get("uid") is None
    file.bind("local", "digits")
    file.save()
    assert StackFile(path).get("cloud") == "local"


def test_what_has_not_changed_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    file = StackFile(path)
    file.bind("local", "digits")
    file.save()
    before = path.stat()
    StackFile(path).save_as(path)
    assert path.stat().st_ino == before.st_ino


def test_another_file_is_replaced_whole(tmp_path: Path) -> None:
    path, copy = tmp_path / "work" / "Pulumi.dev.yaml", tmp_path / "Pulumi.dev.yaml"
    path.parent.mkdir()
    copy.write_text("config: {}  # é\n", encoding="utf-8")
    old = copy.stat().st_ino
    StackFile(copy).save_as(path)
    file = StackFile(path)
    file.set("salted", "é")
    file.save_as(copy)
    assert StackFile(copy).get("salted") == "é"
    assert copy.stat().st_ino != old
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [copy.name]


@pytest.mark.parametrize("content", [b"config: [\n", b"- a\n", b"config: \xff\n"])
def test_a_broken_file_is_the_users_to_mend(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"Pulumi\.dev\.yaml") as caught:
        StackFile(path)
    assert caught.value.where == str(path)
    (tmp_path / "Pulumi.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=r"Pulumi\.yaml"):
        read_manifest(tmp_path)


def test_a_renamed_project_does_not_take_over_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    file = StackFile(path)
    file.bind("local", "digits")
    file.save()
    with pytest.raises(UsageError) as refused:
        StackFile(path).bind("local", "numbers")
    assert refused.value.code == "renamed-project"
    assert "'digits'" in (refused.value.remedy or "")


def test_generations_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    file = StackFile(path)
    assert file.get("generation") is None
    for expected in ("1", "2"):
        file.begin_generation()
        file.save()
        file = StackFile(path)
        assert file.get("generation") == expected
