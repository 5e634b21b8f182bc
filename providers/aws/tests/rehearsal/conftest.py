"""An emulated AWS in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlstack_aws.rehearsal import AwsEmulation

from mlstack.rehearsal import World


@pytest.fixture
def aws(tmp_path: Path) -> AwsEmulation:
    return AwsEmulation(World(tmp_path / "world.sqlite"), None, "eu-central-1")
