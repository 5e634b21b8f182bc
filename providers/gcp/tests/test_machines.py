"""Machines of the catalogue, and others, as the message MachineSpec."""

from __future__ import annotations

import pytest
from google.cloud.aiplatform_v1.types import AcceleratorType, MachineSpec
from mlstack_gcp.machines import ACCELERATORS, machine_spec, problem


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


@pytest.mark.parametrize(
    ("instance", "jobs", "told"),
    [
        ("n1-standard-8+2t4", False, "'2t4' is no accelerator"),
        ("n1-standard-8+t4:two", False, "'t4:two' is no accelerator"),
        ("e2-standard-2", True, "runs no jobs on e2-standard-2"),
        ("e2-standard-2", False, None),
        ("n1-standard-8+t4:2", True, None),
        ("x9-giant-2", True, None),
    ],
)
def test_names_that_cannot_be_asked_for(instance: str, jobs: bool, told: str | None) -> None:
    found = problem(instance, jobs=jobs)
    assert found is None if told is None else found is not None and told in found[0]
