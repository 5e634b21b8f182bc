"""Machines of managed online deployments: the platform takes fewer sizes for them than for compute.

Source: Azure ML, "Managed online endpoints SKU list". Its general-purpose sizes are the DASv4, DAv4 and
DSv2 series, so that sizes of the spec that stand for Dsv3 machines elsewhere are Dasv4 here, with the same
cores and memory.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mlstack.provider import Capabilities

_TAKEN = re.compile(
    r"Standard_("
    r"D\d+as?_v4|DS\d+_v2|E\d+s_v3|F\d+s_v2|FX\d+mds|L\d+as_v3|L\d+s_v[23]|"
    r"NC\d+ads_A100_v4|NC\d+as_T4_v3|NC\d+rs?_v[23]|NC\d+s_v[23]|NC\d+adi?s_H100_v5|"
    r"ND\w+|NV\d+ads_A10_v5)",
    re.IGNORECASE,
)

_SIZES = {"cpu-s": "Standard_D2as_v4", "cpu-m": "Standard_D4as_v4", "cpu-l": "Standard_D16as_v4"}


def capabilities(of_target: Capabilities) -> Capabilities:
    """What of the target's machines can serve a managed deployment."""
    instances = tuple(each for each in of_target.instances if _TAKEN.fullmatch(each.name))
    return replace(of_target, instances=instances, sizes={**of_target.sizes, **_SIZES})
