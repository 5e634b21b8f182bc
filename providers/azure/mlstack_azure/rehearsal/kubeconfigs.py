"""The kubeconfigs that AKS hands out.

Sources: REST aks/managed-clusters/list-cluster-user-credentials (the value is base64);
azure/aks/kubelogin-authentication (with Entra ID users sign in by kubelogin, and the file holds no secret);
azure/aks/manage-local-accounts-managed-azure-ad (without local accounts there are no static credentials).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import ids, outputs

#: The application that stands for the API servers of all AKS clusters (azure/aks/kubelogin-authentication).
_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"


def user(id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """For users: with Entra ID they sign in, else there is a token in it."""
    inner = body.get("properties") or {}
    if (inner.get("aadProfile") or {}).get("managed"):
        command = {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "kubelogin",
            "args": [
                "get-token",
                "--login",
                "devicecode",
                "--server-id",
                _SERVER,
                "--tenant-id",
                outputs.TENANT,
            ],
            "provideClusterInfo": False,
        }
        return _answer("clusterUser", id, inner, {"exec": command})
    return _answer("clusterUser", id, inner, {"token": outputs.secret(id, "clusterUser")})


def admin(id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """For the local account of the administrators. CloudFault: there are no local accounts."""
    inner = body.get("properties") or {}
    if inner.get("disableLocalAccounts"):
        raise CloudFault(
            400,
            "BadRequest",
            "Getting static credential is not allowed because this cluster is set to disable local accounts.",
        )
    return _answer("clusterAdmin", id, inner, {"token": outputs.secret(id, "clusterAdmin")})


def _answer(account: str, id: str, inner: Mapping[str, Any], who: Mapping[str, Any]) -> dict[str, Any]:
    name = ids.last(id)
    login = f"{account}_{ids.last(str(ids.group_of(id)))}_{name}"
    address = inner.get("privateFQDN") or inner.get("fqdn")
    authority = base64.b64encode(outputs.secret(id, "authority").encode()).decode()
    held = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {"server": f"https://{address}:443", "certificate-authority-data": authority},
            }
        ],
        "users": [{"name": login, "user": who}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": login}}],
        "current-context": name,
    }
    value = base64.b64encode(json.dumps(held).encode()).decode()
    return {"kubeconfigs": [{"name": account, "value": value}]}
