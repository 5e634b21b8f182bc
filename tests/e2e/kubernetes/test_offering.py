"""A cluster's API groups, read from a real API server with the definitions of real operators."""

from __future__ import annotations

import pytest
from mlstack_kubernetes import offering

from mlstack.testbed import Cluster
from tests.testbed import definitions


def test_an_operator_is_seen_by_its_kinds(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions("keda")
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    before = offering.read(None)
    assert before.unread is None
    assert before.has("apps/Deployment")
    assert not before.has(offering.SCALED_OBJECT)
    cluster.define(["keda"], print)
    after = offering.read(None)
    assert after.has(offering.SCALED_OBJECT)
    assert before.kinds < after.kinds
