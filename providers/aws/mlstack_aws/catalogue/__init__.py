"""AWS's machines, sizes, regions and list prices, as data; see `mlstack.lowering.catalogue`."""

from __future__ import annotations

from mlstack.lowering import catalogue
from mlstack.provider import Capabilities

REGIONS = catalogue.regions(__name__)

CAPABILITIES = Capabilities(regions=REGIONS, instances=catalogue.instances(__name__))
