"""A private workspace: the network that Azure ML keeps for it, and the endpoints by which one reaches it.

Sources: "Workspace managed virtual network isolation" and "Configure a private endpoint for an Azure Machine
Learning workspace" (learn.microsoft.com/azure/machine-learning), for the groups and the zones' names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.provider import Build
from mlstack_azure.around import Site
from mlstack_azure.names import physical, tags

if TYPE_CHECKING:
    import pulumi_azure_native.machinelearningservices as ml

#: What a private endpoint of each kind stands for, and the DNS zones that lead to it.
ZONES: Mapping[str, Sequence[str]] = {
    "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
    "blob": ("privatelink.blob.core.windows.net",),
    "file": ("privatelink.file.core.windows.net",),
    "vault": ("privatelink.vaultcore.azure.net",),
    "registry": ("privatelink.azurecr.io",),
}

#: Where packages come from: what may be reached when nothing else may.
PACKAGES: Mapping[str, str] = {
    "pypi": "pypi.org",
    "pypi-files": "*.pythonhosted.org",
    "conda": "*.anaconda.com",
    "conda-channels": "*.anaconda.org",
}


@dataclass(frozen=True)
class Reached:
    """What gets a private endpoint: a resource's id, and the group of its door."""

    label: str
    group: str
    id: pulumi.Input[str]


def managed(site: Site) -> ml.ManagedNetworkSettingsArgs | None:
    """The network that Azure ML keeps around compute and deployments; None where the workspace is public.

    Strict lets nothing out but to the workspace's own resources, and to where packages come from.
    """
    import pulumi_azure_native.machinelearningservices as ml

    if not site.private:
        return None
    if not site.strict:
        return ml.ManagedNetworkSettingsArgs(isolation_mode="AllowInternetOutbound")
    return ml.ManagedNetworkSettingsArgs(
        isolation_mode="AllowOnlyApprovedOutbound",
        outbound_rules={
            name: ml.FqdnOutboundRuleArgs(type="FQDN", category="UserDefined", destination=host)
            for name, host in PACKAGES.items()
        },
    )


def endpoints(build: Build, site: Site, reached: Sequence[Reached]) -> tuple[pulumi.Resource, ...]:
    """A private endpoint for each, in the subnet of the settings or in a network made for the stack.

    Names within a network of one's own are that network's business; within ours there are zones for them.
    """
    if not site.private:
        return ()
    from pulumi_azure_native import network

    subnet = build.settings.subnet
    zones = None
    if subnet is None:
        made = _network(build, site)
        subnet = pulumi.Output.concat(made.id, "/subnets/endpoints")
        zones = _Zones(build, site, made)
    found: list[pulumi.Resource] = []
    for each in reached:
        endpoint = build.make(
            network.PrivateEndpoint,
            each.label,
            "endpoint",
            private_endpoint_name=physical(build, each.label, longest=80, generation=site.location),
            resource_group_name=site.resource_group,
            location=site.location,
            subnet=network.SubnetArgs(id=subnet),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=each.label, private_link_service_id=each.id, group_ids=[each.group]
                )
            ],
            tags=tags(build),
        )
        found.append(endpoint)
        if zones is not None:
            found.append(zones.lead(endpoint, each))
    return tuple(found)


def _network(build: Build, site: Site) -> Any:
    from pulumi_azure_native import network

    return build.make(
        network.VirtualNetwork,
        "network",
        virtual_network_name=physical(build, "network", longest=64, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        address_space=network.AddressSpaceArgs(address_prefixes=["10.0.0.0/24"]),
        subnets=[
            network.SubnetArgs(
                name="endpoints",
                address_prefix="10.0.0.0/26",
                private_endpoint_network_policies="Disabled",
                default_outbound_access=False,
            )
        ],
        tags=tags(build),
    )


class _Zones:
    """The private DNS zones of the stack's own network, each made when it is first needed."""

    def __init__(self, build: Build, site: Site, network: Any) -> None:
        self._build = build
        self._site = site
        self._network = network
        self._made: dict[str, Any] = {}

    def lead(self, endpoint: Any, reached: Reached) -> Any:
        """Let names of the kind lead to the endpoint."""
        from pulumi_azure_native import network

        zones = [self._zone(name) for name in ZONES[reached.group]]
        return self._build.make(
            network.PrivateDnsZoneGroup,
            reached.label,
            "names",
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=self._site.resource_group,
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name=name.replace(".", "-"), private_dns_zone_id=zone.id)
                for name, zone in zip(ZONES[reached.group], zones, strict=True)
            ],
        )

    def _zone(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._create(name)
        return self._made[name]

    def _create(self, name: str) -> Any:
        from pulumi_azure_native import privatedns

        build, site = self._build, self._site
        label = name.removeprefix("privatelink.").replace(".", "-")
        zone = build.make(
            privatedns.PrivateZone,
            label,
            private_zone_name=name,
            resource_group_name=site.resource_group,
            location="Global",
            tags=tags(build),
        )
        build.make(
            privatedns.VirtualNetworkLink,
            label,
            "link",
            virtual_network_link_name=physical(build, label, longest=80),
            private_zone_name=zone.name,
            resource_group_name=site.resource_group,
            location="Global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self._network.id),
            tags=tags(build),
        )
        return zone
