"""Google Cloud's machines, sizes, regions and list prices, as data; see `mlstack.lowering.catalogue`.

``instances.csv`` has machine types of Compute Engine that Vertex AI takes (``source`` names the series; the
pages are below ``cloud.google.com/compute/docs``). One that accelerators are attached to has a name of our
own, as in `mlstack_gcp.machines`. ``disk_gib`` is the boot disk that Vertex AI gives a machine where nothing
else is asked for. ``prices.csv`` has list prices of the virtual machines on demand, which Vertex AI exceeds:
each says that it is an estimate. ``regions.csv`` has the regions of Vertex AI
(``cloud.google.com/vertex-ai/docs/general/locations``); not each of them has each machine.
"""

from __future__ import annotations

from mlstack.lowering import catalogue
from mlstack.provider import Capabilities

REGIONS = catalogue.regions(__name__)

CAPABILITIES = Capabilities(
    regions=REGIONS,
    instances=catalogue.instances(__name__),
    sizes={
        "cpu-s": "e2-standard-2",
        "cpu-m": "n2-standard-4",
        "cpu-l": "n1-standard-16",
        "gpu-t4": "n1-standard-4+t4",
        "gpu-l4": "g2-standard-4",
        "gpu-a100": "a2-highgpu-1g",
        "gpu-h100": "a3-highgpu-1g",
    },
    no_size={"gpu-a10": "Google Cloud has no machines with an A10: take gpu-l4 (as much memory, and newer)"},
    auths=frozenset({"identity"}),
    default_auth="identity",
    volumes=True,
)
