"""A private workspace: a network of the stack's own, peered with that of Google's services; or the user's.

Source: "Set up VPC Network Peering for Vertex AI", cloud.google.com/vertex-ai/docs/general/vpc-peering.
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_gcp import account, services
from mlstack_gcp.names import physical
from mlstack_gcp.values import join, last

_SUBNET = "gcp.subnet"


def subnet(build: Build) -> Any:
    """Id of the subnet of a network that the stack made; None where there is none, or the network is the
    user's."""
    return build.shared.get(_SUBNET)


def network(build: Build, project: Any, region: str) -> tuple[Any, tuple[pulumi.Resource, ...]]:
    """(``projects/NUMBER/global/networks/NAME``, what to wait for). Of one that the settings name only the
    name is made: it is taken to be peered."""
    number = account.number(build, project)
    given = build.settings.network
    if given is not None:
        return join("projects/", number, "/global/networks/", last(given)), ()
    wait = [services.switched_on(build, project, name) for name in ("compute", "servicenetworking")]
    from pulumi_gcp import compute, servicenetworking

    made = build.make(
        compute.Network,
        "network",
        options={"depends_on": wait},
        project=project,
        name=physical(build, "network", longest=63),
        auto_create_subnetworks=False,
        description=f"mlstack-stack={build.stack_uid}",
    )
    part = build.make(
        compute.Subnetwork,
        "subnet",
        project=project,
        region=region,
        name=physical(build, "subnet", longest=63, generation=region),
        network=made.id,
        ip_cidr_range="10.0.0.0/20",
        private_ip_google_access=True,
        description=f"mlstack-stack={build.stack_uid}",
    )
    build.shared[_SUBNET] = part.id
    held = build.make(
        compute.GlobalAddress,
        "peering",
        project=project,
        name=physical(build, "peering", longest=63),
        network=made.id,
        purpose="VPC_PEERING",
        address_type="INTERNAL",
        prefix_length=16,
        description=f"mlstack-stack={build.stack_uid}",
    )
    peered = build.make(
        servicenetworking.Connection,
        "peering",
        network=made.id,
        service="servicenetworking.googleapis.com",
        reserved_peering_ranges=[held.name],
        # Google's side lets go of it only days after the last job: with the network it goes at once
        deletion_policy="ABANDON",
    )
    return pulumi.Output.concat("projects/", number, "/global/networks/", made.name), (*wait, peered)
