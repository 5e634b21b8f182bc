"""Machines of the catalogue, and others, as the message MachineSpec."""

from __future__ import annotations

import pytest
from google.cloud.aiplatform_v1.types import AcceleratorType, MachineSpec
from mlstack_gcp.machines import ACCELERATORS, machine_spec


@pytest.mark.parametrize(
    ("instance", "spec"),
    [
        ("n2-standard-4", {"machine_type": "n2-standard-4"}),
        (
            "n1-standard-4+t4",
            {
                "machine_type": "n1-standard-4",
                "accelerator_type": "NVIDIA_TESLA_T4",
                "accelerator_count": 1,
            },
        ),
        (
            "n1-standard-16+t4:4",
            {
                "machine_type": "n1-standard-16",
                "accelerator_type": "NVIDIA_TESLA_T4",
                "accelerator_count": 4,
            },
        ),
    ],
)
def test_the_type_and_what_is_attached_to_it(instance: str, spec: dict[str, object]) -> None:
    assert machine_spec(instance) == spec
    MachineSpec(spec)


def test_the_platform_knows_each_accelerator() -> None:
    assert set(ACCELERATORS.values()) <= {each.name for each in AcceleratorType}
