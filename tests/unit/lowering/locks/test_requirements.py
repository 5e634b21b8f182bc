from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pytest
from mlstack_local import environments

from mlstack.lowering.locks import requirements
from mlstack.lowering.locks.faults import Listed


def read(folder: Path, text: str) -> Listed:
    (folder / "r.txt").write_text(text)
    return requirements.read(folder / "r.txt", "r.txt")


def test_a_file_is_read_as_a_list(tmp_path: Path) -> None:
    text = (
        "# pins\nsix==1.17.0  # why\n\nnumpy >= 2 ; python_version > '3.8'\nuvicorn[standard]\n"
        "pkg @ https://host/x.zip#sha256=ab\n"
    )
    assert read(tmp_path, text) == Listed(
        (
            "six==1.17.0",
            "numpy >= 2 ; python_version > '3.8'",
            "uvicorn[standard]",
            "pkg @ https://host/x.zip#sha256=ab",
        )
    )


def test_a_mark_of_the_encoding_is_none_of_the_first_line(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffsix==1.17.0\n").requirements == ("six==1.17.0",)


def test_hashes_stay_with_their_requirement(tmp_path: Path) -> None:
    [line] = read(tmp_path, "six==1.17.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n").requirements
    assert requirements.hashes(line) == ["sha256:aa", "sha256:bb"]
    assert requirements.without_hashes(line).strip() == "six==1.17.0"


def test_other_files_are_read_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("idna\n-c pins.txt\n")
    (tmp_path / "more" / "pins.txt").write_text("six==1.16.0\n")
    assert read(tmp_path, "six\n-r more/base.txt\n") == Listed(("six", "idna"), ("six==1.16.0",))


def test_a_circle_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    faults = read(tmp_path, "-r r.txt\n-r nowhere.txt\n").faults
    assert [str(fault) for fault in faults] == [
        "r.txt:1: r.txt includes itself",
        "r.txt:2: nowhere.txt cannot be read: No such file or directory",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--index-url https://host", "is an option of pip"),
        ("--pre", "is an option of pip"),
        ("-e .", "is a folder to be edited in place"),
        ("./pkg", "is a path on this machine"),
        (".", "is a path on this machine"),
        ("dist/pkg-1.0-py3-none-any.whl", "is a path on this machine"),
        ("pkg @ file:///x/pkg.whl", "is a path on this machine"),
        ("git+https://host/pkg.git@main", "is a repository"),
        ("pkg @ git+https://host/pkg.git", "is a repository"),
        ("six = 1.17", "is no requirement"),
        ("six==1.17.0 idna", "is no requirement"),
    ],
)
def test_what_no_lock_can_hold_is_refused_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    found = read(tmp_path, f"six\n{line}\n")
    assert found.requirements == ("six",)
    [fault] = found.faults
    assert fault.place == "r.txt:2"
    assert told in fault.message
    assert fault.remedy


def test_packages_in_the_spec_are_no_file(tmp_path: Path) -> None:
    faults = requirements.check(["six", "-r more.txt", "six=1"], tmp_path)
    assert [fault.place for fault in faults] == ["1", "2"]


def test_what_serving_needs_is_what_its_distribution_says() -> None:
    needed = environments.of_serving()
    assert any(line.startswith("uvicorn") for line in needed)
    assert set(needed) <= set(requires("mlstack-serving") or [])
