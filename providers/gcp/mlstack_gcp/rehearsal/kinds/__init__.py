"""The types of pulumi-gcp that the rehearsal knows, by their token without the package."""

from __future__ import annotations

from collections.abc import Mapping

from mlstack_gcp.rehearsal.kinds.base import Kind
from mlstack_gcp.rehearsal.kinds.clusters import CLUSTERS
from mlstack_gcp.rehearsal.kinds.foundations import FOUNDATIONS
from mlstack_gcp.rehearsal.kinds.members import MEMBERS
from mlstack_gcp.rehearsal.kinds.networks import NETWORKS
from mlstack_gcp.rehearsal.kinds.tables import TABLES
from mlstack_gcp.rehearsal.kinds.vertex import VERTEX
from mlstack_gcp.rehearsal.kinds.watching import WATCHING

__all__ = ["KINDS", "Kind"]

KINDS: Mapping[str, Kind] = {
    one.token: one for one in (*FOUNDATIONS, *MEMBERS, *VERTEX, *NETWORKS, *CLUSTERS, *TABLES, *WATCHING)
}
