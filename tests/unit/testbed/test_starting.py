"""A control plane that does not come up: the reason, and nothing left running."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from mlstack.errors import TargetError
from mlstack.testbed import Cluster
from tests.unit.testbed.machine import SAYS, go


def test_a_part_that_ends_is_named_with_its_last_words(machine: Path) -> None:
    go(machine)  # all that its programs do is to say this, and end
    cluster = Cluster(machine / "bed")
    with pytest.raises(TargetError, match=f"ended while the API server came up\n{SAYS}") as caught:
        cluster.up(lambda text: None)
    error = caught.value
    assert error.code == "testbed-failed"
    assert SAYS in Path(error.where or "").read_text(encoding="utf-8")
    assert "mlstack testbed down --name bed" in (error.remedy or "")
    assert cluster.record() is None
    assert not [each for each in psutil.process_iter(["exe"]) if str(machine) in str(each.info["exe"])]
    assert not cluster.down()
    assert not cluster.folder.exists()


def test_there_is_no_kubectl_without_a_testbed(machine: Path) -> None:
    with pytest.raises(TargetError, match="no testbed 'bed'") as caught:
        Cluster(machine / "bed").kubectl("get", "nodes")
    assert caught.value.remedy == "mlstack testbed up --name bed"
    assert Cluster(machine / "bed").components() == []
