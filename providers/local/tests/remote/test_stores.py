"""Every store: listed for a version, fetched once, changes seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local import remote

from mlstack.errors import TargetError


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_is_fetched_once(store: Any) -> None:
    files = {
        "a.csv": b"x\n1\n",
        "deep/b.csv": b"x\n2\n",
        "with space.csv": b"y",
        "deep/er/c": b"\0" * 100_000,
    }
    for name, content in files.items():
        store.put(f"set/{name}", content)
    store.put("set-other/d.csv", b"not of it")
    uri = remote.canonical(store.uri("set"), "folder")
    version = remote.version_of(uri, None)
    assert len(version) == 12
    told: list[int] = []
    path = remote.ensure(uri, version, lambda _path, done, _total: told.append(done))
    assert path == remote.local_path(uri, version)
    assert contents(path) == files
    assert told[-1] == sum(map(len, files.values()))
    assert told == sorted(told)
    for name in files:
        store.delete(f"set/{name}")
    assert remote.ensure(uri, version) == path  # asks nobody


def test_a_file_keeps_its_name(store: Any) -> None:
    store.put("deep/rows.csv", b"x\n1\n")
    uri = remote.canonical(store.uri("deep/rows.csv"), None)
    path = remote.ensure(uri, remote.version_of(uri, None))
    assert path.name == "rows.csv"
    assert path.read_bytes() == b"x\n1\n"


@pytest.mark.parametrize("change", ["content", "added", "removed", "renamed"])
def test_any_change_is_another_version(store: Any, change: str) -> None:
    store.put("set/a.csv", b"x\n1\n")
    store.put("set/b.csv", b"x\n2\n")
    uri = store.uri("set/")
    before = remote.version_of(uri, None)
    assert remote.version_of(uri, None) == before
    match change:
        case "content":
            store.put("set/a.csv", b"x\n9\n")
        case "added":
            store.put("set/c.csv", b"x\n3\n")
        case "removed":
            store.delete("set/b.csv")
        case "renamed":
            store.delete("set/b.csv")
            store.put("set/c.csv", b"x\n2\n")
    after = remote.version_of(uri, None)
    assert after != before
    with pytest.raises(TargetError) as caught:
        remote.ensure(uri, before)
    assert (caught.value.code, caught.value.category) == ("remote-changed", "transient")
    remote.ensure(uri, after)


@pytest.mark.parametrize("name", ["nothing.csv", "nothing/"])
def test_what_is_not_there(store: Any, name: str) -> None:
    store.put("set/a.csv", b"x\n1\n")
    with pytest.raises(TargetError) as caught:
        remote.version_of(store.uri(name), None)
    assert (caught.value.code, caught.value.category) == ("remote-missing", "user")
    assert caught.value.message == f"{store.uri(name)} is not there"
