"""VM sizes as the platform lists them: which a managed online deployment takes, which a cluster does.

Managed online: learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list.
Clusters and instances take more (…/azure/machine-learning/concept-compute-target, "Supported VM series and
sizes"): those are judged by series.
"""

from __future__ import annotations

import re

MANAGED_SOURCE = "learn.microsoft.com/azure/machine-learning/reference-managed-online-endpoints-vm-sku-list"
CLUSTER_SOURCE = "learn.microsoft.com/azure/machine-learning/concept-compute-target: supported VM series"

_TEXT = """
D2as_v4 D4as_v4 D8as_v4 D16as_v4 D32as_v4 D48as_v4 D64as_v4 D96as_v4
D2a_v4 D4a_v4 D8a_v4 D16a_v4 D32a_v4 D48a_v4 D64a_v4 D96a_v4
DS1_v2 DS2_v2 DS3_v2 DS4_v2 DS5_v2
E2s_v3 E4s_v3 E8s_v3 E16s_v3 E32s_v3 E48s_v3 E64s_v3
F2s_v2 F4s_v2 F8s_v2 F16s_v2 F32s_v2 F48s_v2 F64s_v2 F72s_v2
FX4mds FX12mds FX24mds FX36mds FX48mds
L8as_v3 L16as_v3 L32as_v3 L48as_v3 L64as_v3 L80as_v3
L8s_v2 L16s_v2 L32s_v2 L48s_v2 L64s_v2 L80s_v2
L8s_v3 L16s_v3 L32s_v3 L48s_v3 L64s_v3 L80s_v3
NC24ads_A100_v4 NC48ads_A100_v4 NC96ads_A100_v4
NC4as_T4_v3 NC8as_T4_v3 NC16as_T4_v3 NC64as_T4_v3
NC6s_v2 NC12s_v2 NC24s_v2 NC6s_v3 NC12s_v3 NC24s_v3
NC40ads_H100_v5 NC80adis_H100_v5
ND96amsr_A100_v4 ND96asr_v4 ND40rs_v2 ND96is_H100_v5 ND96isr_H100_v5
NV6ads_A10_v5 NV12ads_A10_v5 NV18ads_A10_v5 NV36ads_A10_v5 NV36adms_A10_v5 NV72ads_A10_v5
"""

MANAGED = {f"standard_{name.lower()}": f"Standard_{name}" for name in _TEXT.split()}

#: Of the sizes that clusters take beside those, the common ones: for a hint, no judgement.
_COMMON = """
D2_v2 D3_v2 D4_v2 D2s_v3 D4s_v3 D8s_v3 D16s_v3 D32s_v3 D48s_v3 D64s_v3
D2s_v4 D4s_v4 D8s_v4 D16s_v4 D2s_v5 D4s_v5 D8s_v5 D16s_v5 D2ds_v5 D4ds_v5 D8ds_v5 D16ds_v5
E2s_v5 E4s_v5 E8s_v5 E16s_v5 E2ds_v5 E4ds_v5 E8ds_v5 E16ds_v5 HB120rs_v3 M64s M128s
"""
OTHERS = tuple(f"Standard_{name}" for name in _COMMON.split())

#: Series of compute clusters and instances: the letters of a size around its number of cores.
_CLUSTER = re.compile(
    r"standard_("
    r"d\d+(s?_v3|d?s?_v[45]|as?_v4|ads_v5)?|ds?\d+(-\d+)?_v2|"
    r"e\d+(i?s?_v3|i?d?s?_v[45]|as?_v4|ads_v5)|f\d+s_v2|fx\d+mds|"
    r"h\d+(m?r?)?|hb\d+(-\d+)?(rs)?(_v[234])?|hc\d+(-\d+)?rs|hb\d+rs|"
    r"l\d+a?s_v[23]|m\d+(-\d+)?([dlmst]*)(_v2)?|b\d+m?s|"
    r"nc\d+r?(s_v[23])?|nc\d+rs_v3|nc\d+as_t4_v3|nc\d+ads_a100_v4|nc\d+adi?s_h100_v5|"
    r"nd\d+(r?s)?(_v2)?|nd\d+rs_v2|nd\d+asr_v4|nd\d+amsr_a100_v4|nd\d+isr?_h[12]00_v5|"
    r"nv\d+(s_v[23]|as_v4)?|nv\d+adm?s_a10_v5|np\d+s"
    r")",
    re.IGNORECASE,
)


def managed(size: str) -> bool:
    return size.lower() in MANAGED


def cluster(size: str) -> bool:
    return _CLUSTER.fullmatch(size) is not None or managed(size)


def cores(size: str) -> int:
    """Cores of a size by its name (the platform's own convention); DSv2 counts in powers of two."""
    name = size.lower().removeprefix("standard_")
    if match := re.fullmatch(r"ds?(\d+)(?:-\d+)?_v2", name):
        return {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}.get(int(match[1]), 16)
    match = re.search(r"\d+", name)
    return int(match[0]) if match else 1
