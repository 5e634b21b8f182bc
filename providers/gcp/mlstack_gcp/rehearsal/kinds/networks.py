"""Networks, and the peering by which Google's services reach them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from mlstack.resource import UNKNOWN
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now, number
from mlstack_gcp.rehearsal.kinds.base import Kind, Parts, Properties

COMPUTE = "https://www.googleapis.com/compute/v1/"
CONNECTION = "servicenetworking/connection:Connection"


@dataclass(frozen=True)
class Compute(Kind):
    """A resource of Compute Engine: it tells of itself by a whole address."""

    def completed(self, cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> Document:
        made = super().completed(cloud, parts, document, old)
        name = self.name(parts)
        made |= {
            "name": parts["name"],
            "id": number(name, 19),
            "selfLink": COMPUTE + name,
            "creationTimestamp": (old or {}).get("creationTimestamp") or now(),
        }
        return made


@dataclass(frozen=True)
class Network(Compute):
    """A peering is a part of its network (compute v1, Network.peerings), and goes with it."""

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        super().delete(cloud, id, inputs)
        parts = self.parsed(cloud, id)
        peered = f"/connections/{quote(self.name(parts), safe='')}" if parts is not None else ""
        for held, _ in list(cloud.of(CONNECTION)):
            if peered and held.endswith(peered):
                cloud.remove(held, CONNECTION)


@dataclass(frozen=True)
class Connection(Kind):
    """The peering of a network with a service: its id has the network's name in one step."""

    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        found = super().parts(cloud, inputs)
        network = unquote(found.get("network", "")).removeprefix(COMPUTE)
        found["network"] = network
        found["peeredNetwork"] = quote(network, safe="")
        return found

    def parsed(self, cloud: Cloud, id: str) -> Parts | None:
        network, colon, service = id.rpartition(":")
        return self.parts(cloud, {"network": network, "service": service}) if colon else None


def _network(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document.setdefault("routingConfig", {"routingMode": "REGIONAL"})


def _subnetwork(cloud: Cloud, parts: Parts, document: Document, old: Document | None) -> None:
    document["region"] = f"{COMPUTE}projects/{parts['project']}/regions/{parts['region']}"
    document.setdefault("purpose", "PRIVATE")
    document.setdefault("fingerprint", "rehearsal")
    base = str(document.get("ipCidrRange", "")).partition("/")[0].rpartition(".")[0]
    document["gatewayAddress"] = f"{base}.1"


NETWORKS = (
    Network(
        "compute/network:Network",
        "projects/{project}/global/networks/{name}",
        made_up="name",
        own=frozenset({"name", "deleteDefaultRoutesOnCreate", "params", "deleteBgpAlwaysCompareMed"}),
        replace=frozenset(
            {"autoCreateSubnetworks", "description", "internalIpv6Range", "networkProfile", "params"}
        ),
        names={"routingMode": "routingConfig.routingMode"},
        usual={"autoCreateSubnetworks": True},
        finish=_network,
        shown=lambda cloud, parts, document: {"networkId": document["id"], "numericId": document["id"]},
    ),
    Compute(
        "compute/subnetwork:Subnetwork",
        "projects/{project}/regions/{region}/subnetworks/{name}",
        made_up="name",
        own=frozenset({"name", "region", "params", "sendSecondaryIpRangeIfEmpty"}),
        replace=frozenset(
            {
                "network",
                "description",
                "externalIpv6Prefix",
                "internalIpv6Prefix",
                "params",
                "reservedInternalRange",
                "resolveSubnetMask",
            }
        ),
        usual={"privateIpGoogleAccess": False},
        finish=_subnetwork,
        shown=lambda cloud, parts, document: {"subnetworkId": int(document["id"]) % 10**9},
    ),
    Compute(
        "compute/globalAddress:GlobalAddress",
        "projects/{project}/global/addresses/{name}",
        made_up="name",
        own=frozenset({"name"}),
        replace=frozenset(
            {"address", "addressType", "description", "ipVersion", "network", "prefixLength", "purpose"}
        ),
        finish=lambda cloud, parts, document, old: document.setdefault("address", "10.128.0.0") and None,
    ),
    Compute(
        "compute/address:Address",
        "projects/{project}/regions/{region}/addresses/{name}",
        made_up="name",
        own=frozenset({"name", "region"}),
        replace=frozenset(
            {
                "address",
                "addressType",
                "description",
                "ipVersion",
                "network",
                "networkTier",
                "prefixLength",
                "purpose",
                "subnetwork",
                "ipv6EndpointType",
            }
        ),
        usual={"addressType": "EXTERNAL"},
        finish=lambda cloud, parts, document, old: document.setdefault("address", "10.0.0.5") and None,
    ),
    Compute(
        "compute/forwardingRule:ForwardingRule",
        "projects/{project}/regions/{region}/forwardingRules/{name}",
        made_up="name",
        own=frozenset({"name", "region", "recreateClosedPsc"}),
        replace=frozenset(
            {
                "ipAddress",
                "ipProtocol",
                "loadBalancingScheme",
                "network",
                "subnetwork",
                "description",
                "ipVersion",
                "portRange",
                "ports",
                "serviceLabel",
            }
        ),
        finish=lambda cloud, parts, document, old: document.update(
            pscConnectionStatus="ACCEPTED", pscConnectionId=number(parts["name"], 17)
        ),
    ),
    Compute(
        "compute/firewall:Firewall",
        "projects/{project}/global/firewalls/{name}",
        made_up="name",
        own=frozenset({"name", "params"}),
        replace=frozenset({"direction", "params"}),
        names={"allows": "allowed", "denies": "denied"},
        inner={"protocol": "IPProtocol"},
        usual={"direction": "INGRESS", "priority": 1000},
    ),
    Connection(
        CONNECTION,
        "{peeredNetwork}:{service}",
        document="services/{service}/connections/{peeredNetwork}",
        own=frozenset({"updateOnCreationFail"}),
        replace=frozenset({"network", "service"}),
        finish=lambda cloud, parts, document, old: document.update(
            peering="servicenetworking-googleapis-com"
        ),
        planned=lambda cloud, inputs: {"peering": UNKNOWN},
    ),
)
