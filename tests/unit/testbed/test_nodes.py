"""Which machines a testbed has."""

from __future__ import annotations

import pytest

from mlstack.errors import UsageError
from mlstack.testbed.nodes import manifests, parse


def test_counts_by_kind() -> None:
    assert parse("cpu=3, a100=1") == {"cpu": 3, "a100": 1}
    names = [node["metadata"]["name"] for node in manifests(parse("cpu=2,t4=0,a100=1"))]
    assert names == ["cpu-1", "cpu-2", "a100-1"]


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("a10=1", "no machine 'a10'", "did you mean 'a100'?"),
        ("cpu", "'cpu' does not say how many", "cpu=2,a100=1"),
        ("cpu=-1", "'cpu=-1' does not say how many", "KIND=COUNT"),
        ("", "no machine ''", "there are"),
    ],
)
def test_what_is_no_count_is_refused(text: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse(text)
    assert remedy in (caught.value.remedy or "")


def test_only_machines_with_graphics_cards_have_them_and_keep_others_away() -> None:
    cpu, t4, a100 = manifests({"cpu": 1, "t4": 1, "a100": 1})
    assert "nvidia.com/gpu" not in cpu["status"]["allocatable"]
    assert cpu["spec"]["taints"] == []
    assert [node["status"]["allocatable"]["nvidia.com/gpu"] for node in (t4, a100)] == ["1", "8"]
    for node in (t4, a100):
        assert node["spec"]["taints"][0]["effect"] == "NoSchedule"
        assert (
            node["metadata"]["labels"]["nvidia.com/gpu.count"] == node["status"]["capacity"]["nvidia.com/gpu"]
        )
