"""Grants of a role to a member: one binding in the policy of what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.rehearsal import Change, Made
from mlstack_gcp.rehearsal.cloud import Cloud
from mlstack_gcp.rehearsal.kinds.base import Kind, Parts, Properties, plain
from mlstack_gcp.rehearsal.refusals import Refused, missing

ETAG = "BwYrehearsal="


@dataclass(frozen=True)
class Member(Kind):
    """``id`` ends with "/{role}/{member}"; ``document`` is the template of what the policy is about."""

    def parts(self, cloud: Cloud, inputs: Properties) -> Parts:
        found = super().parts(cloud, inputs)
        for key in ("secretId", "repository"):  # a whole name is taken for its last part
            if found.get(key, "").startswith("projects/"):
                found[key] = found[key].rpartition("/")[2]
        return found

    def change(self) -> Change:
        return Change(frozenset(set(self.inputs) - {"deletionPolicy"}))

    def create(self, cloud: Cloud, inputs: Properties) -> Made:
        parts = self.parts(cloud, inputs)
        name = (self.document or "").format_map(parts)
        with cloud.world.transaction():
            if not _known(cloud, name):
                raise missing(name)
            _check_member(cloud, str(inputs["member"]))
            grant(cloud, name, str(inputs["role"]), str(inputs["member"]), inputs.get("condition"))
        return self._made(cloud, self._id(parts, inputs), parts, inputs)

    def read(self, cloud: Cloud, id: str, inputs: Properties) -> Made | None:
        parts = self._parsed(cloud, id)
        if parts is None or not holds(cloud, self.document.format_map(parts), parts["role"], parts["member"]):
            return None
        given = dict(inputs) or {key: parts[key] for key in self.inputs if key in parts}
        return self._made(cloud, id, parts, given)

    def update(self, cloud: Cloud, id: str, old: Properties, new: Properties) -> Made:
        return self._made(cloud, id, self.parts(cloud, new), new)

    def delete(self, cloud: Cloud, id: str, inputs: Properties) -> None:
        parts = self._parsed(cloud, id)
        if parts is not None:
            revoke(cloud, self.document.format_map(parts), parts["role"], parts["member"])

    def _id(self, parts: Parts, inputs: Properties) -> str:
        title = (inputs.get("condition") or {}).get("title")
        return self.id.format_map(parts) + (f"/{title}" if title else "")

    def _parsed(self, cloud: Cloud, id: str) -> Parts | None:
        """Of ids with spaces too, as imports write them; the title of a condition comes last."""
        match = re.fullmatch(self.pattern.removesuffix(".+?)") + r"[^/]+)(?:/[^/]+)?", id.replace(" ", "/"))
        return self.parts(cloud, match.groupdict()) if match else None

    def _made(self, cloud: Cloud, id: str, parts: Parts, inputs: Properties) -> Made:
        outputs: dict[str, Any] = {key: parts[key] for key in ("project", "location") if key in self.outputs}
        return Made(id, dict(inputs), {**outputs, **inputs, "etag": ETAG})


def policy(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    bindings: list[dict[str, Any]] = (cloud.get(f"iam/{cloud.canonical(name)}") or {}).get("bindings", [])
    return bindings


def grant(cloud: Cloud, name: str, role: str, member: str, condition: Any = None) -> None:
    bindings = policy(cloud, name)
    for one in bindings:
        if one["role"] == role and one.get("condition") == condition:
            one["members"] = sorted({*one["members"], member})
            break
    else:
        given = {"condition": plain(condition)} if condition else {}
        bindings.append({"role": role, "members": [member], **given})
    cloud.put(f"iam/{cloud.canonical(name)}", "iam", {"bindings": bindings})


def revoke(cloud: Cloud, name: str, role: str, member: str) -> None:
    left = []
    with cloud.world.transaction():
        for one in policy(cloud, name):
            members = [each for each in one["members"] if each != member or one["role"] != role]
            if members:
                left.append({**one, "members": members})
        if left:
            cloud.put(f"iam/{cloud.canonical(name)}", "iam", {"bindings": left})
        else:
            cloud.world.remove(f"iam/{cloud.canonical(name)}")


def holds(cloud: Cloud, name: str, role: str, member: str) -> bool:
    return any(one["role"] == role and member in one["members"] for one in policy(cloud, name))


def _known(cloud: Cloud, name: str) -> bool:
    return name == f"projects/{cloud.project}" or cloud.get(name) is not None or name.startswith("projects/-")


def _check_member(cloud: Cloud, member: str) -> None:
    """A service account of this project that is granted something has to be there (cloud.google.com/iam/docs/
    troubleshooting-access: 'Service account … does not exist')."""
    kind, _, email = member.partition(":")
    mine = email.endswith(f"@{cloud.project}.iam.gserviceaccount.com")
    if (
        kind == "serviceAccount"
        and mine
        and cloud.get(f"projects/{cloud.project}/serviceAccounts/{email}") is None
    ):
        raise Refused("INVALID_ARGUMENT", f"Service account {email} does not exist.")


def bindings(cloud: Cloud) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every policy: what it is about, and its document."""
    for id, kind, document in cloud.world.under("iam/"):
        if kind == "iam":
            yield id.removeprefix("iam/"), document


MEMBERS = (
    Member("projects/iAMMember:IAMMember", "{project}/{role}/{member}", document="projects/{project}"),
    Member("storage/bucketIAMMember:BucketIAMMember", "b/{bucket}/{role}/{member}", document="b/{bucket}"),
    Member(
        "artifactregistry/repositoryIamMember:RepositoryIamMember",
        "projects/{project}/locations/{location}/repositories/{repository}/{role}/{member}",
        document="projects/{project}/locations/{location}/repositories/{repository}",
    ),
    Member(
        "serviceaccount/iAMMember:IAMMember",
        "{serviceAccountId}/{role}/{member}",
        document="{serviceAccountId}",
    ),
    Member(
        "secretmanager/secretIamMember:SecretIamMember",
        "projects/{project}/secrets/{secretId}/{role}/{member}",
        document="projects/{project}/secrets/{secretId}",
    ),
    Member(
        "kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        "{cryptoKeyId}/{role}/{member}",
        document="{cryptoKeyId}",
    ),
    Member(
        "bigquery/datasetIamMember:DatasetIamMember",
        "projects/{project}/datasets/{datasetId}/{role}/{member}",
        document="projects/{project}/datasets/{datasetId}",
    ),
    Member(
        "pubsub/topicIAMMember:TopicIAMMember",
        "projects/{project}/topics/{topic}/{role}/{member}",
        document="projects/{project}/topics/{topic}",
    ),
)
