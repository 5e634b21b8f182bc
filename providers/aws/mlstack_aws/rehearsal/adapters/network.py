"""Networks.

What replaces: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/
vpc, subnet, security_group, route_table, route_table_association, vpc_endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class _Ec2(Adapter):
    name: ClassVar[str | None] = None
    noun: str

    def tagged(self, inputs: Properties) -> list[dict[str, Any]] | None:
        tags = tags_list(inputs.get("tags"))
        return [{"ResourceType": self.noun, "Tags": tags}] if tags else None

    def told(self, aws: Aws, one: Mapping[str, Any], arn: str) -> dict[str, Any]:
        tags = tags_map(one.get("Tags"))
        return {"tags": tags, "tagsAll": tags, "ownerId": aws.account, "arn": aws.arn("ec2", arn)}

    def retag(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        gone, given = tag_changes(old, new)
        if gone:
            aws("ec2", "delete_tags", Resources=[id], Tags=[{"Key": key} for key in gone])
        if given:
            aws("ec2", "create_tags", Resources=[id], Tags=tags_list(given))

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.retag(aws, id, old, new)


class Vpc(_Ec2):
    type = "aws:ec2/vpc:Vpc"
    noun = "vpc"
    replaces = frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"})
    _flags: ClassVar = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "ec2", "CreateVpc", {"CidrBlock": inputs.get("cidrBlock")}

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws(
            "ec2",
            "create_vpc",
            CidrBlock=inputs["cidrBlock"],
            InstanceTenancy=inputs.get("instanceTenancy"),
            TagSpecifications=self.tagged(inputs),
        )
        id = str(told["Vpc"]["VpcId"])
        self._flag(aws, id, inputs)
        return id

    def _flag(self, aws: Aws, id: str, inputs: Properties) -> None:
        for ours, theirs in self._flags.items():
            if inputs.get(ours) is not None:
                aws("ec2", "modify_vpc_attribute", VpcId=id, **{theirs: {"Value": inputs[ours]}})

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("ec2", "describe_vpcs", VpcIds=[id])
        if told is None:
            return None
        one = told["Vpcs"][0]
        only = [{"Name": "vpc-id", "Values": [id]}]
        main = aws("ec2", "describe_route_tables", Filters=only)["RouteTables"]
        groups = aws("ec2", "describe_security_groups", Filters=only)["SecurityGroups"]
        acls = aws("ec2", "describe_network_acls", Filters=only)["NetworkAcls"]
        table = next((t["RouteTableId"] for t in main if any(a.get("Main") for a in t["Associations"])), "")
        flags = {
            ours: aws("ec2", "describe_vpc_attribute", VpcId=id, Attribute=ours)[theirs]["Value"]
            for ours, theirs in self._flags.items()
        }
        return {
            **self.told(aws, one, f"vpc/{id}"),
            **flags,
            "cidrBlock": one["CidrBlock"],
            "instanceTenancy": one["InstanceTenancy"],
            "dhcpOptionsId": one.get("DhcpOptionsId", ""),
            "mainRouteTableId": table,
            "defaultRouteTableId": table,
            "defaultSecurityGroupId": next((g["GroupId"] for g in groups if g["GroupName"] == "default"), ""),
            "defaultNetworkAclId": next((a["NetworkAclId"] for a in acls if a["IsDefault"]), ""),
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self._flag(aws, id, new)
        self.retag(aws, id, old, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "delete_vpc", VpcId=id)


class Subnet(_Ec2):
    type = "aws:ec2/subnet:Subnet"
    noun = "subnet"
    replaces = frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "outpostArn"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "ec2", "CreateSubnet", {"VpcId": inputs.get("vpcId"), "CidrBlock": inputs.get("cidrBlock")}

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws(
            "ec2",
            "create_subnet",
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            AvailabilityZone=inputs.get("availabilityZone"),
            TagSpecifications=self.tagged(inputs),
        )
        id = str(told["Subnet"]["SubnetId"])
        if inputs.get("mapPublicIpOnLaunch"):
            aws("ec2", "modify_subnet_attribute", SubnetId=id, MapPublicIpOnLaunch={"Value": True})
        return id

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("ec2", "describe_subnets", SubnetIds=[id])
        if told is None:
            return None
        one = told["Subnets"][0]
        return {
            **self.told(aws, one, f"subnet/{id}"),
            "vpcId": one["VpcId"],
            "cidrBlock": one["CidrBlock"],
            "availabilityZone": one["AvailabilityZone"],
            "availabilityZoneId": one.get("AvailabilityZoneId", ""),
            "mapPublicIpOnLaunch": one["MapPublicIpOnLaunch"],
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        wanted = bool(new.get("mapPublicIpOnLaunch"))
        aws("ec2", "modify_subnet_attribute", SubnetId=id, MapPublicIpOnLaunch={"Value": wanted})
        self.retag(aws, id, old, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "delete_subnet", SubnetId=id)


class SecurityGroup(_Ec2):
    type = "aws:ec2/securityGroup:SecurityGroup"
    noun = "security-group"
    name = "name"
    replaces = frozenset({"name", "namePrefix", "description", "vpcId"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield (
            "ec2",
            "CreateSecurityGroup",
            {
                "GroupName": inputs.get("name"),
                "Description": inputs.get("description") or "Managed by Pulumi",
            },
        )

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws(
            "ec2",
            "create_security_group",
            **next(self.requests(inputs))[2],
            VpcId=inputs.get("vpcId"),
            TagSpecifications=self.tagged(inputs),
        )
        id = str(told["GroupId"])
        self._rules(aws, id, {}, inputs)
        return id

    def _rules(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        there = aws("ec2", "describe_security_groups", GroupIds=[id])["SecurityGroups"][0]
        for key, word in (("ingress", "ingress"), ("egress", "egress")):
            if old.get(key) == new.get(key) and old:
                continue
            now = there["IpPermissions" if key == "ingress" else "IpPermissionsEgress"]
            if now and new.get(key) is not None:
                aws("ec2", f"revoke_security_group_{word}", GroupId=id, IpPermissions=now)
            wanted = [_permission(one, id) for one in new.get(key) or []]
            if wanted:
                aws("ec2", f"authorize_security_group_{word}", GroupId=id, IpPermissions=wanted)

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("ec2", "describe_security_groups", GroupIds=[id])
        if told is None or not told["SecurityGroups"]:
            return None
        one = told["SecurityGroups"][0]
        return {
            **self.told(aws, one, f"security-group/{id}"),
            "name": one["GroupName"],
            "description": one["Description"],
            "vpcId": one.get("VpcId", ""),
            "ingress": _alike(inputs.get("ingress"), one["IpPermissions"], id),
            "egress": _alike(inputs.get("egress"), one["IpPermissionsEgress"], id),
            "namePrefix": "",
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self._rules(aws, id, old, new)
        self.retag(aws, id, old, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "delete_security_group", GroupId=id)


def _permission(one: Properties, own: str) -> dict[str, Any]:
    found: dict[str, Any] = {"IpProtocol": str(one["protocol"])}
    if found["IpProtocol"] != "-1":
        found |= {"FromPort": int(one["fromPort"]), "ToPort": int(one["toPort"])}
    if one.get("cidrBlocks"):
        found["IpRanges"] = [{"CidrIp": each} for each in one["cidrBlocks"]]
    groups = [*(one.get("securityGroups") or []), *([own] if one.get("self") else [])]
    if groups:
        found["UserIdGroupPairs"] = [{"GroupId": each} for each in groups]
    if one.get("prefixListIds"):
        found["PrefixListIds"] = [{"PrefixListId": each} for each in one["prefixListIds"]]
    return found


def _alike(given: Any, now: list[dict[str, Any]], own: str) -> list[dict[str, Any]]:
    """Rules as they were given where AWS has just those; else as AWS has them."""

    def key(one: Mapping[str, Any]) -> tuple[Any, ...]:
        ranges = sorted(each["CidrIp"] for each in one.get("IpRanges", []))
        groups = sorted(each["GroupId"] for each in one.get("UserIdGroupPairs", []))
        lists = sorted(each["PrefixListId"] for each in one.get("PrefixListIds", []))
        return (
            one["IpProtocol"],
            one.get("FromPort"),
            one.get("ToPort"),
            tuple(ranges),
            tuple(groups),
            tuple(lists),
        )

    if given and sorted(map(str, (key(_permission(one, own)) for one in given))) == sorted(
        map(str, map(key, now))
    ):
        return list(given)
    found = []
    for one in now:
        groups = [each["GroupId"] for each in one.get("UserIdGroupPairs", [])]
        found.append(
            {
                "protocol": one["IpProtocol"],
                "fromPort": one.get("FromPort", 0),
                "toPort": one.get("ToPort", 0),
                "cidrBlocks": [each["CidrIp"] for each in one.get("IpRanges", [])],
                "securityGroups": [each for each in groups if each != own],
                "self": own in groups,
            }
        )
    return found


class RouteTable(_Ec2):
    type = "aws:ec2/routeTable:RouteTable"
    noun = "route-table"
    replaces = frozenset({"vpcId"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws("ec2", "create_route_table", VpcId=inputs["vpcId"], TagSpecifications=self.tagged(inputs))
        id = str(told["RouteTable"]["RouteTableId"])
        for one in inputs.get("routes") or []:
            pairs = {
                "DestinationCidrBlock": "cidrBlock",
                "GatewayId": "gatewayId",
                "NatGatewayId": "natGatewayId",
            }
            aws("ec2", "create_route", RouteTableId=id, **{t: one[o] for t, o in pairs.items() if one.get(o)})
        return id

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("ec2", "describe_route_tables", RouteTableIds=[id])
        if told is None:
            return None
        one = told["RouteTables"][0]
        return {
            **self.told(aws, one, f"route-table/{id}"),
            "vpcId": one["VpcId"],
            "routes": inputs.get("routes") or [],
        }

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "delete_route_table", RouteTableId=id)


class RouteTableAssociation(_Ec2):
    type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    noun = ""
    replaces = frozenset({"subnetId", "gatewayId"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        told = aws(
            "ec2", "associate_route_table", RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"]
        )
        return str(told["AssociationId"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        for table in aws("ec2", "describe_route_tables")["RouteTables"]:
            for one in table["Associations"]:
                if one.get("RouteTableAssociationId") == id:
                    return {"routeTableId": table["RouteTableId"], "subnetId": one.get("SubnetId", "")}
        return None

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        aws("ec2", "replace_route_table_association", AssociationId=id, RouteTableId=new["routeTableId"])

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "disassociate_route_table", AssociationId=id)


class VpcEndpoint(_Ec2):
    type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    noun = "vpc-endpoint"
    replaces = frozenset({"vpcId", "serviceName", "vpcEndpointType", "serviceRegion"})
    _pairs: ClassVar = {
        "VpcId": "vpcId",
        "ServiceName": "serviceName",
        "VpcEndpointType": "vpcEndpointType",
        "SubnetIds": "subnetIds",
        "RouteTableIds": "routeTableIds",
        "SecurityGroupIds": "securityGroupIds",
        "PrivateDnsEnabled": "privateDnsEnabled",
        "PolicyDocument": "policy",
    }

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield (
            "ec2",
            "CreateVpcEndpoint",
            {t: inputs[o] for t, o in self._pairs.items() if inputs.get(o) is not None},
        )

    def create(self, aws: Aws, inputs: Properties) -> str:
        asked = next(self.requests(inputs))[2]
        told = aws("ec2", "create_vpc_endpoint", **asked, TagSpecifications=self.tagged(inputs))
        return str(told["VpcEndpoint"]["VpcEndpointId"])

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        told = aws.look("ec2", "describe_vpc_endpoints", VpcEndpointIds=[id])
        if told is None or not told["VpcEndpoints"]:
            return None
        one = told["VpcEndpoints"][0]
        if one["State"] == "deleted":
            return None
        return {
            **self.told(aws, one, f"vpc-endpoint/{id}"),
            "vpcId": one["VpcId"],
            "serviceName": one["ServiceName"],
            "vpcEndpointType": one.get("VpcEndpointType", "Gateway"),
            "subnetIds": one.get("SubnetIds", []),
            "routeTableIds": one.get("RouteTableIds", []),
            "securityGroupIds": [each["GroupId"] for each in one.get("Groups", [])],
            "privateDnsEnabled": one.get("PrivateDnsEnabled", False),
            "policy": one.get("PolicyDocument") or "",
            "state": one["State"],
            "dnsEntries": [
                {"dnsName": each.get("DnsName", ""), "hostedZoneId": each.get("HostedZoneId", "")}
                for each in one.get("DnsEntries", [])
            ],
            "networkInterfaceIds": one.get("NetworkInterfaceIds", []),
            "cidrBlocks": [],
            "prefixListId": "",
            "requesterManaged": False,
        }

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        told: dict[str, Any] = {}
        for key, theirs in (
            ("subnetIds", "Subnet"),
            ("routeTableIds", "RouteTable"),
            ("securityGroupIds", "SecurityGroup"),
        ):
            before, after = set(old.get(key) or []), set(new.get(key) or [])
            if after - before:
                told[f"Add{theirs}Ids"] = sorted(after - before)
            if before - after:
                told[f"Remove{theirs}Ids"] = sorted(before - after)
        if old.get("policy") != new.get("policy"):
            told["PolicyDocument"] = new.get("policy")
        if told:
            aws("ec2", "modify_vpc_endpoint", VpcEndpointId=id, **told)
        self.retag(aws, id, old, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        aws("ec2", "delete_vpc_endpoints", VpcEndpointIds=[id])


ADAPTERS = (Vpc(), Subnet(), SecurityGroup(), RouteTable(), RouteTableAssociation(), VpcEndpoint())
