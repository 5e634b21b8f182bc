"""Ids that Google itself chooses, of resources that nobody has heard of: asked for by what they are made of.

Channels, policies and budgets are told by their display name, which builders make of the stack's uid. Source:
the REST reference of Cloud Monitoring (projects.notificationChannels.list, projects.alertPolicies.list), of
Cloud Billing Budgets (billingAccounts.budgets.list) and of Secret Manager (projects.secrets.versions.list).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from mlstack_gcp.cloud import CloudFailure, rest

Inputs = Mapping[str, Any]


def chosen_id(token: str, inputs: Inputs, project: str, ids: Collection[str]) -> str | None:
    """The id; None where there is none, or where the inputs do not tell.

    ``ids`` are those that the stack knows of: what it does not know of is what was never heard of.
    """
    search = _SEARCHES.get(token)
    if search is None:
        return None
    try:
        found = list(search({"project": project, **inputs}))
    except CloudFailure as failure:
        if failure.status != 404:  # what it would be in is not there
            raise
        return None
    new = [id for id in found if id not in ids]
    return next(iter(new or found), None)


def _shown(service: str, parent: str, collection: str, inputs: Inputs) -> Iterator[str]:
    """Those of a collection that have the display name."""
    name = inputs.get("displayName")
    parts = {key: value for key, value in inputs.items() if isinstance(value, str) and value}
    try:
        path = parent.format_map(parts)
    except KeyError:
        return
    for each in _listed(service, f"{path}/{collection}", collection):
        if isinstance(name, str) and each.get("displayName") == name:
            yield str(each["name"])


def _version(inputs: Inputs) -> Iterator[str]:
    """Versions of a secret that have not been taken away, the newest first."""
    secret = inputs.get("secret")
    if isinstance(secret, str) and secret:
        for each in _listed("secretmanager", f"/v1/{secret}/versions", "versions"):
            if each.get("state") == "ENABLED":
                yield f"{secret}/versions/{each['name'].rpartition('/')[2]}"


def _listed(service: str, path: str, collection: str) -> Iterator[dict[str, Any]]:
    page: str | None = ""
    while page is not None:
        answer = rest(service, "GET", path, params={"pageToken": page} if page else None)
        yield from answer.get(collection) or ()
        page = answer.get("nextPageToken") or None


_PROJECT = "/v3/projects/{project}"
_SEARCHES: Mapping[str, Callable[[Inputs], Iterator[str]]] = {
    "gcp:monitoring/notificationChannel:NotificationChannel": partial(
        _shown, "monitoring", _PROJECT, "notificationChannels"
    ),
    "gcp:monitoring/alertPolicy:AlertPolicy": partial(_shown, "monitoring", _PROJECT, "alertPolicies"),
    "gcp:billing/budget:Budget": partial(
        _shown, "billingbudgets", "/v1/billingAccounts/{billingAccount}", "budgets"
    ),
    "gcp:secretmanager/secretVersion:SecretVersion": _version,
}
