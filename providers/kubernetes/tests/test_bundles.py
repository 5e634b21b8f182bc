"""Files of the project in ConfigMaps: what is packed comes out as it was."""

from __future__ import annotations

import base64
import io
import os
import tarfile
from pathlib import Path

from tests.lowered import Lower, Refused, Sent

DATA = """
data:
  held: {path: held}
jobs:
  read: {command: "ls ${{inputs.held}}", inputs: {held: data.held}}
"""


def unpacked(sent: Sent, names: list[str]) -> dict[str, bytes]:
    parts = [base64.b64decode(sent.inputs("ConfigMap", name)["binaryData"]["part"]) for name in names]
    with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
        found = {entry.name: archive.extractfile(entry) for entry in archive}
        return {name: file.read() for name, file in found.items() if file is not None}


def test_a_folder_comes_out_as_it_was(lower: Lower, root: Path) -> None:
    (root / "held" / "below").mkdir(parents=True)
    (root / "held" / "one.txt").write_text("one\n")
    (root / "held" / "below" / "two.bin").write_bytes(bytes(range(256)))
    found = unpacked(lower(DATA), ["held-files-0"])
    assert found == {"one.txt": b"one\n", "below/two.bin": bytes(range(256))}


def test_what_is_too_long_for_one_part_is_cut(lower: Lower, root: Path) -> None:
    (root / "held").mkdir()
    (root / "held" / "noise").write_bytes(noise := os.urandom(1_500_000))
    sent = lower(DATA)
    names = [name for name in sent.names("ConfigMap") if name.startswith("held-files")]
    assert names == ["held-files-0", "held-files-1", "held-files-2"]
    assert unpacked(sent, names) == {"noise": noise}
    # the API server takes 1 MiB of a ConfigMap
    assert all(len(sent.inputs("ConfigMap", name)["binaryData"]["part"]) < 2**20 for name in names)


def test_what_is_too_large_is_refused_with_its_place(refused: Refused, root: Path) -> None:
    (root / "held").mkdir()
    (root / "held" / "noise").write_bytes(os.urandom(5 * 2**20))
    [(place, message)] = refused(DATA).items()
    assert place == "data.held.path"
    assert "4.0 MB" in message


def test_a_changed_file_is_another_config_map(lower: Lower, root: Path) -> None:
    (root / "held").mkdir()
    names = []
    for text in ("one", "two"):
        (root / "held" / "file").write_text(text)
        names.append(lower(DATA).inputs("ConfigMap", "held-files-0")["metadata"]["name"])
    assert names[0] != names[1]
