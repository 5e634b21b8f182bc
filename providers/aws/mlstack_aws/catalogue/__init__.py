"""SageMaker's machines, sizes and list prices, as data.

``instances.csv`` has those of botocore's own lists (`ProductionVariantInstanceType`, `TrainingInstanceType`)
whose processors and memory are EC2's of the same name (``source`` names the series; the pages are below
``aws.amazon.com/ec2/instance-types``); ``disk_gib`` is the local disk, empty where there is none or it is
not known. ``prices.csv`` has EC2's on-demand list prices: SageMaker adds to them what public tables disagree
on, so each says that it is an estimate. What is not there is unknown, and said to be. ``regions.csv`` has the
regions with SageMaker, by botocore's endpoints.

What is chosen from here does what it is chosen for: every machine serves and trains, and those without an
accelerator transform too (`uses`). One that does not, `ml.t2.medium` say, is had by its name.
"""

from __future__ import annotations

from mlstack.lowering import catalogue
from mlstack.provider import Capabilities

REGIONS = catalogue.regions(__name__)

CAPABILITIES = Capabilities(
    regions=REGIONS,
    instances=catalogue.instances(__name__),
    sizes={
        "cpu-s": "ml.m5.large",
        "cpu-m": "ml.m5.xlarge",
        "cpu-l": "ml.m5.4xlarge",
        "gpu-t4": "ml.g4dn.xlarge",
        "gpu-l4": "ml.g6.xlarge",
        "gpu-a10": "ml.g5.xlarge",
        "gpu-h100": "ml.p5.4xlarge",
    },
    no_size={
        "gpu-a100": "SageMaker has A100s only in eights: write instance: ml.p4d.24xlarge, or take gpu-a10 "
        "(less memory) or gpu-h100"
    },
    auths=frozenset({"identity"}),
    default_auth="identity",
    volumes=True,
)
