"""What the tests of the Kubernetes target share: a spec lowered, in a folder with the suite's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.testing.record import Answers
from mlstack.testing.sample import write_files
from tests.lowered import Lower, Refused, lowering, refusing


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path)
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    return lowering("kubernetes", None, root, Answers)


@pytest.fixture
def refused(root: Path) -> Refused:
    return refusing("kubernetes", None, root, Answers)
