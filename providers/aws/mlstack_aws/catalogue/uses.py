"""What SageMaker does with a machine: not every one serves, trains and transforms.

``uses.csv`` holds botocore's own lists: ``ProductionVariantInstanceType``, ``TrainingInstanceType`` and
``TransformInstanceType`` of the service model of sagemaker. A machine that is in none of them is unknown,
and may be newer than the lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from mlstack.lowering import catalogue

Use = Literal["serves", "trains", "transforms"]
_PACKAGE = "mlstack_aws.catalogue"


@cache
def uses() -> Mapping[str, frozenset[str]]:
    """What each machine does."""
    return {
        row["name"]: frozenset(use for use, said in row.items() if said == "yes")
        for row in catalogue.rows(_PACKAGE, "uses.csv")
    }


def near(name: str, use: Use) -> str | None:
    """The machine for that use whose name is nearest: one of the same size, where there is a like series."""
    from mlstack.suggest import suggest

    known = [each for each, can in uses().items() if use in can]
    size = name.rpartition(".")[2]
    alike = [each for each in known if each.rpartition(".")[2] == size]
    return suggest(name, alike) or suggest(name, known)
