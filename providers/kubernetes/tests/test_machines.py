"""What a machine of the spec asks of a node."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_kubernetes.machines import cpu, quantity, resources

from mlstack.spec import Deployment
from mlstack.spec.units import Memory


@pytest.mark.parametrize(
    ("count", "text"), [(2, "2"), (0.5, "500m"), (1.25, "1250m"), (0.1, "100m"), (0.0001, "1m")]
)
def test_processors_are_whole_or_thousandths(count: float, text: str) -> None:
    assert cpu(count) == text


@pytest.mark.parametrize(("given", "text"), [(8, "8Gi"), ("512Mi", "512Mi"), ("16GB", "16000000000")])
def test_memory_keeps_its_exact_amount(given: Any, text: str) -> None:
    assert quantity(Memory.parse(given)) == text


@pytest.mark.parametrize(
    ("machine", "asked"),
    [
        ({}, {"cpu": "2", "memory": "8Gi"}),
        ({"size": "cpu-l"}, {"cpu": "16", "memory": "60Gi"}),
        ({"cpus": 4}, {"cpu": "4", "memory": "8Gi"}),
        ({"gpu": "l4:2"}, {"cpu": "8", "memory": "30Gi", "nvidia.com/gpu": "2"}),
        ({"size": "gpu-t4", "disk": 50}, {"cpu": "4", "memory": "15Gi", "ephemeral-storage": "50Gi",
                                          "nvidia.com/gpu": "1"}),
        ({"instance": "m5.large"}, {"cpu": "1", "memory": "2Gi"}),
    ],
)  # fmt: skip
def test_a_machine_is_what_its_container_asks_for_and_gets_no_more_than(
    machine: dict[str, Any], asked: dict[str, str]
) -> None:
    found = resources(Deployment.model_validate({"model": "net", **machine}))
    assert found == {"requests": asked, "limits": asked}
