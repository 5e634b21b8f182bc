"""Identity: roles and their policies.

What replaces: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role, iam_role_policy,
iam_role_policy_attachment; ids: "Import" of the same pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlstack_aws.rehearsal.adapters.base import Adapter, Aws, Properties, Request, tag_changes
from mlstack_aws.rehearsal.shapes import tags_list, tags_map


class Role(Adapter):
    type = "aws:iam/role:Role"
    replaces = frozenset({"name", "namePrefix", "path"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        yield "iam", "CreateRole", self._given(inputs)

    def _given(self, inputs: Properties) -> dict[str, Any]:
        pairs = {
            "RoleName": "name",
            "AssumeRolePolicyDocument": "assumeRolePolicy",
            "Description": "description",
            "Path": "path",
            "PermissionsBoundary": "permissionsBoundary",
            "MaxSessionDuration": "maxSessionDuration",
        }
        found = {theirs: inputs[ours] for theirs, ours in pairs.items() if inputs.get(ours) is not None}
        if isinstance(found.get("MaxSessionDuration"), float):
            found["MaxSessionDuration"] = int(found["MaxSessionDuration"])
        return found

    def create(self, aws: Aws, inputs: Properties) -> str:
        name = str(inputs["name"])
        aws("iam", "create_role", **self._given(inputs), Tags=tags_list(inputs.get("tags")))
        self._policies(aws, name, {}, inputs)
        return name

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        answer = aws.look("iam", "get_role", RoleName=id)
        if answer is None:
            return None
        role, tags = answer["Role"], tags_map(answer["Role"].get("Tags"))
        found = {
            "name": role["RoleName"],
            "assumeRolePolicy": _text(role["AssumeRolePolicyDocument"]),
            "path": role["Path"],
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "arn": role["Arn"],
            "uniqueId": role["RoleId"],
            "createDate": role["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tags": tags,
            "tagsAll": tags,
            "forceDetachPolicies": bool(inputs.get("forceDetachPolicies")),
            "namePrefix": "",
        }
        if role.get("Description"):
            found["description"] = role["Description"]
        attached = aws("iam", "list_attached_role_policies", RoleName=id)["AttachedPolicies"]
        found["managedPolicyArns"] = [one["PolicyArn"] for one in attached]
        inline = aws("iam", "list_role_policies", RoleName=id)["PolicyNames"]
        found["inlinePolicies"] = [
            {
                "name": name,
                "policy": _text(
                    aws("iam", "get_role_policy", RoleName=id, PolicyName=name)["PolicyDocument"]
                ),
            }
            for name in inline
        ]
        return found

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        if old.get("assumeRolePolicy") != new.get("assumeRolePolicy"):
            aws("iam", "update_assume_role_policy", RoleName=id, PolicyDocument=new["assumeRolePolicy"])
        if any(old.get(key) != new.get(key) for key in ("description", "maxSessionDuration")):
            longest = int(new.get("maxSessionDuration") or 3600)
            aws(
                "iam",
                "update_role",
                RoleName=id,
                Description=new.get("description", ""),
                MaxSessionDuration=longest,
            )
        self._policies(aws, id, old, new)
        gone, given = tag_changes(old, new)
        if gone:
            aws("iam", "untag_role", RoleName=id, TagKeys=gone)
        if given:
            aws("iam", "tag_role", RoleName=id, Tags=tags_list(given))

    def _policies(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        before, after = ({p["name"]: p["policy"] for p in x.get("inlinePolicies") or []} for x in (old, new))
        for name, policy in after.items():
            aws("iam", "put_role_policy", RoleName=id, PolicyName=name, PolicyDocument=policy)
        for name in before.keys() - after.keys():
            aws("iam", "delete_role_policy", RoleName=id, PolicyName=name)
        for arn in new.get("managedPolicyArns") or []:
            attach(aws, id, arn)
        for arn in set(old.get("managedPolicyArns") or []) - set(new.get("managedPolicyArns") or []):
            aws("iam", "detach_role_policy", RoleName=id, PolicyArn=arn)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        for arn in inputs.get("managedPolicyArns") or []:
            aws("iam", "detach_role_policy", RoleName=id, PolicyArn=arn)
        for one in inputs.get("inlinePolicies") or []:
            aws("iam", "delete_role_policy", RoleName=id, PolicyName=one["name"])
        aws("iam", "delete_role", RoleName=id)


class RolePolicy(Adapter):
    type = "aws:iam/rolePolicy:RolePolicy"
    replaces = frozenset({"name", "namePrefix", "role"})

    def requests(self, inputs: Properties) -> Iterator[Request]:
        pairs = {"RoleName": "role", "PolicyName": "name", "PolicyDocument": "policy"}
        yield "iam", "PutRolePolicy", {theirs: inputs.get(ours) for theirs, ours in pairs.items()}

    def create(self, aws: Aws, inputs: Properties) -> str:
        given = next(self.requests(inputs))[2]
        aws("iam", "put_role_policy", **given)
        return f"{inputs['role']}:{inputs['name']}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        role, _, name = id.partition(":")
        answer = aws.look("iam", "get_role_policy", RoleName=role, PolicyName=name)
        if answer is None:
            return None
        return {"role": role, "name": name, "policy": _text(answer["PolicyDocument"]), "namePrefix": ""}

    def update(self, aws: Aws, id: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        role, _, name = id.partition(":")
        aws("iam", "delete_role_policy", RoleName=role, PolicyName=name)


class RolePolicyAttachment(Adapter):
    type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    name = None
    replaces = frozenset({"role", "policyArn"})

    def create(self, aws: Aws, inputs: Properties) -> str:
        attach(aws, str(inputs["role"]), str(inputs["policyArn"]))
        return f"{inputs['role']}/{inputs['policyArn']}"

    def look(self, aws: Aws, id: str, inputs: Properties) -> dict[str, Any] | None:
        role, _, arn = id.partition("/")
        answer = aws.look("iam", "list_attached_role_policies", RoleName=role) or {}
        if not any(one["PolicyArn"] == arn for one in answer.get("AttachedPolicies", [])):
            return None
        return {"role": role, "policyArn": arn}

    def delete(self, aws: Aws, id: str, inputs: Properties) -> None:
        role, _, arn = id.partition("/")
        aws("iam", "detach_role_policy", RoleName=role, PolicyArn=arn)


def attach(aws: Aws, role: str, arn: str) -> None:
    """AWS's own policies are there without having been made; moto has only what is put into it."""
    if arn.startswith("arn:aws:iam::aws:policy/") and aws.look("iam", "get_policy", PolicyArn=arn) is None:
        aws.cloud.have_managed_policy(arn)
    aws("iam", "attach_role_policy", RoleName=role, PolicyArn=arn)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


ADAPTERS = (Role(), RolePolicy(), RolePolicyAttachment())
