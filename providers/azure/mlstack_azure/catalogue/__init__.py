"""Azure's machines, sizes and list prices, as data.

``instances.csv`` has what Azure's pages on sizes of virtual machines say (``source`` names the series; the
pages are below ``learn.microsoft.com/azure/virtual-machines/sizes``); ``disk_gib`` is the local disk,
temporary and NVMe together, empty where it is not known. ``prices.csv`` has list prices of virtual machines
on demand, per region, with their source and month: Azure ML bills the machines. What is not there is unknown,
and said to be; what was written down from general knowledge says so in its source, until somebody has read it
from Azure's own page. ``regions.csv`` has the regions of the public cloud
(``learn.microsoft.com/azure/reliability/regions-list``) and of the national ones: a spec that
names another is refused. Not each of them has Azure ML, nor each machine.
"""

from __future__ import annotations

from mlstack.lowering import catalogue
from mlstack.provider import Capabilities

REGIONS = catalogue.regions(__name__)

CAPABILITIES = Capabilities(
    regions=REGIONS,
    instances=catalogue.instances(__name__),
    sizes={
        "cpu-s": "Standard_D2s_v3",
        "cpu-m": "Standard_D4s_v3",
        "cpu-l": "Standard_D16s_v3",
        "gpu-t4": "Standard_NC4as_T4_v3",
        "gpu-a10": "Standard_NV36ads_A10_v5",
        "gpu-a100": "Standard_NC24ads_A100_v4",
        "gpu-h100": "Standard_NC40ads_H100_v5",
    },
    no_size={"gpu-l4": "Azure has no machines with an L4: take gpu-t4 (less memory) or gpu-a10 (as much)"},
    auths=frozenset({"key", "token", "identity"}),
    default_auth="key",
)
