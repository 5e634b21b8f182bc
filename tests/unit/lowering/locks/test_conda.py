"""Conda files, carried over to PyPI."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlstack.lowering.locks import conda
from mlstack.lowering.locks.faults import Listed

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def read(folder: Path, text: str) -> Listed:
    (folder / "environment.yml").write_text(text)
    return conda.read(folder / "environment.yml", "environment.yml")


def one(folder: Path, dependency: str) -> Listed:
    return read(folder, f'dependencies:\n  - "{dependency}"\n')


def test_a_usual_file(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("idna\n")
    found = read(
        tmp_path,
        """
name: vision
channels: [pytorch, conda-forge]
dependencies:
  - python=3.11
  - pip
  - conda-forge::pytorch=2.4
  - scikit-learn>=1.5,<2
  - py-opencv
  - pip:
      - six==1.17.0
      - -r base.txt
""",
    )
    assert found == Listed(
        ("torch==2.4.*", "scikit-learn>=1.5,<2", "opencv-python-headless", "six==1.17.0", "idna"),
        python="3.11",
        warnings=(
            "the channels of environment.yml (pytorch, conda-forge) are not asked: "
            "packages come from PyPI here",
        ),
    )


@pytest.mark.parametrize(
    ("dependency", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.2", "numpy==1.2.*"),
        ("numpy=1.2.*", "numpy==1.2.*"),
        ("numpy==1.2", "numpy==1.2"),
        ("numpy 1.2", "numpy==1.2"),
        ("numpy 1.2.*", "numpy==1.2.*"),
        ("numpy >=1.2, <2", "numpy>=1.2,<2"),
        ("numpy=1.2.3=py311h64a7726_0", "numpy==1.2.3"),
        ("numpy=*", "numpy"),
        ("Pillow!=9", "pillow!=9"),
        ("ray-default=2.9", "ray[default]==2.9.*"),
        ("librosa", "librosa"),
    ],
)
def test_versions_and_names(tmp_path: Path, dependency: str, requirement: str) -> None:
    assert one(tmp_path, dependency) == Listed((requirement,))


@pytest.mark.parametrize(
    ("dependency", "version"),
    [
        ("python", HERE),
        ("python=3.12", "3.12"),
        ("python==3.12.4", "3.12.4"),
        ("python=3.12.*", "3.12"),
        ("python 3.12", "3.12"),
        ("python>=3.9", HERE),
        ("python>=3.9,<3.11", "3.10"),
    ],
)
def test_python(tmp_path: Path, dependency: str, version: str) -> None:
    assert one(tmp_path, dependency) == Listed(python=version)


def test_all_that_cannot_be_carried_at_once_with_lines(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """dependencies:
  - cudatoolkit=11.8
  - libgomp
  - gcc_linux-64
  - numpy[version='>=1']
  - numpy=1.2|1.3
  - numpy=one
  - python<3
  - conda: []
  - pip:
      - six
      - -e .
variables: {A: b}
""",
    )
    places = [fault.place.removeprefix("environment.yml:") for fault in found.faults]
    assert places == ["13", "2", "3", "4", "5", "6", "7", "8", "9", "12"]
    assert str(found.faults[0]) == "environment.yml:13: variables cannot be carried over"
    message, remedy = found.told()
    assert "cudatoolkit is no Python package" in message
    assert "take CUDA out: the wheels on PyPI bring what they need of it" in remedy


@pytest.mark.parametrize(("text", "line"), [("a: [", 1), ("- 1\n", 1), ("name: x\n", 1)])
def test_what_is_no_such_file(tmp_path: Path, text: str, line: int) -> None:
    [fault] = read(tmp_path, text).faults
    assert fault.place == f"environment.yml:{line}"
