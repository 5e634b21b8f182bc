"""The door of the provider: inputs of pulumi-gcp in, what Google would answer out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from mlstack.rehearsal import Change, CloudFault, Emulation, Kept, Made, Refusal, World
from mlstack.rehearsal.emulation import Asked, Operation, Properties, Wsgi
from mlstack.rehearsal.world import Document
from mlstack_gcp.rehearsal import invoke, leftovers, models, refusals, seed
from mlstack_gcp.rehearsal.cloud import DEFAULT_PROJECT, Cloud
from mlstack_gcp.rehearsal.kinds import KINDS, Kind
from mlstack_gcp.rehearsal.refusals import Refused

_UNKNOWN = "the list of types in mlstack_gcp/rehearsal/kinds"
#: A collection of Google's interfaces ends the path of a create; a verb after a colon changes what is there.
_VERB = re.compile(r":(\w+)$")
_READS = ("list", "get", "read", "query", "search", "test", "fetch")
_CREATES = ("upload", "import")
_CALLS = ("predict", "rawPredict", "explain", "access", "check")


class GcpEmulation(Emulation):
    """Google Cloud over one world, for what the Vertex AI target makes."""

    packages: ClassVar[tuple[str, ...]] = ("gcp",)
    stable: ClassVar[frozenset[str]] = frozenset(
        {
            *("name", "selfLink", "email", "member", "uniqueId", "createTime", "timeCreated", "url"),
            *("creationTimestamp", "projectNumber", "networkId", "numericId", "subnetworkId", "registryUri"),
            *(
                "gatewayAddress",
                "gatewayIpv4",
                "version",
                "peering",
                "dedicatedEndpointDns",
                "etag",
                "address",
            ),
            *("creationRecords", "primaries", "destroyTime", "verificationStatus", "fingerprint"),
        }
    )
    replace_on_config: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World, settings: Any, region: str | None) -> None:
        super().__init__(world, settings, region)
        usual = next((os.environ[name] for name in _PROJECTS if os.environ.get(name)), None)
        self.cloud = Cloud(world, getattr(settings, "project", None) or usual or DEFAULT_PROJECT, region)

    def check(self, token: str, inputs: Properties, *, known: bool) -> Iterable[Refusal]:
        kind = KINDS.get(_short(token))
        if kind is None:
            return [Refusal("", f"the rehearsal does not know the type {token}", _UNKNOWN)]
        return [Refusal(*one) for one in self.cloud.judge(kind.token, inputs)]

    def name_property(self, token: str) -> str | None:
        kind = KINDS.get(_short(token))
        return kind.made_up if kind else None

    def change(self, token: str) -> Change:
        return _kind(token).change()

    def promise(self, token: str, inputs: Properties) -> Properties:
        return _kind(token).promise(self.cloud, inputs)

    def create(self, token: str, inputs: Properties) -> Made:
        kind = _kind(token)
        with _doing(f"Error creating {kind.title}"):
            return kind.create(self.cloud, inputs)

    def read(self, token: str, id: str, inputs: Properties) -> Made | None:
        kind = _kind(token)
        with _doing(f"Error when reading or editing {kind.title} {id!r}"):
            return kind.read(self.cloud, id, inputs)

    def update(self, token: str, id: str, old: Properties, new: Properties) -> Made:
        kind = _kind(token)
        with _doing(f"Error updating {kind.title} {id!r}"):
            return kind.update(self.cloud, id, old, new)

    def delete(self, token: str, id: str, inputs: Properties) -> None:
        kind = _kind(token)
        if inputs.get("deletionPolicy") == "ABANDON":
            return
        if inputs.get("deletionPolicy") == "PREVENT":
            message = f"cannot destroy {kind.title} {id} while its deletion_policy is PREVENT"
            raise Refused("FAILED_PRECONDITION", message)
        with _doing(f"Error when reading or editing {kind.title}"):
            kind.delete(self.cloud, id, inputs)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return invoke.answer(self.cloud, _short(token), arguments)

    def app(self) -> Wsgi:
        from mlstack_gcp.rehearsal.door import Door

        return Door(self.cloud)

    def environment(self) -> Mapping[str, str]:
        return {
            **dict.fromkeys(_PROJECTS, self.cloud.project),
            "GOOGLE_OAUTH_ACCESS_TOKEN": "rehearsal",  # pulumi-gcp insists on credentials
            "GOOGLE_REGION": self.cloud.region,
        }

    def told(self, fault: CloudFault) -> CloudFault:
        return refusals.told(fault)

    def words(self, fault: CloudFault) -> str:
        return refusals.words(fault)

    def asked(self, environ: Mapping[str, Any]) -> Asked:
        path, method = str(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
        plain = _VERB.sub("", path).rstrip("/")
        return Asked(_operations(method, path), plain.rpartition("/")[2], path)

    def error_body(self, status: int, code: str, message: str) -> bytes:
        return refusals.status(status, code, message)

    def documents(self) -> Iterable[Document]:
        """A policy of who may do what is shown below what it is of."""
        for id, kind, body in self.world.under():
            if not id.startswith("~"):
                yield (f"{id.removeprefix(_IAM)}{_POLICY}" if id.startswith(_IAM) else id), kind, body

    def put_document(self, id: str, kind: str, body: Properties) -> None:
        if id.endswith(_POLICY):
            self.world.put(_IAM + id.removesuffix(_POLICY), kind, body)
            return
        kept = dict(body)
        if kind == models.KIND and "~versions" in kept:  # the default version is what the model shows
            shown = {key: one for key, one in kept.items() if key != "~versions"}
            kept["~versions"] = {**kept["~versions"], str(shown.get("versionId")): shown}
        self.world.put(id, kind, kept)

    def remove_document(self, id: str) -> list[str]:
        """With its policy, and with what is in it where it is a bucket or a secret."""
        if id.endswith(_POLICY):
            self.world.remove(_IAM + id.removesuffix(_POLICY))
            return [id]
        gone = super().remove_document(id)
        for each in gone:
            self.world.remove(_IAM + each)
        for path in self.world.blobs():
            if path.startswith((f"{id.removeprefix('b/')}/", f"~secrets/{id}/")):
                self.world.remove_blob(path)
        return gone

    def seed(self, existing: Iterable[tuple[str, Properties]]) -> None:
        seed.seed(self.cloud, self.settings, existing)

    def leftovers(self) -> Iterable[Kept]:
        return leftovers.leftovers(self.cloud)


_PROJECTS = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_PROJECT")
_IAM, _POLICY = "iam/", "/iamPolicy"


def _short(token: str) -> str:
    return token.partition(":")[2]


def _kind(token: str) -> Kind:
    try:
        return KINDS[_short(token)]
    except KeyError:
        raise Refused("UNIMPLEMENTED", f"the rehearsal does not know the type {token} ({_UNKNOWN})") from None


@contextmanager
def _doing(what: str) -> Iterator[None]:
    try:
        yield
    except Refused as fault:
        fault.doing = fault.doing or what
        raise


def _operations(method: str, path: str) -> tuple[Operation, ...]:
    if method in ("GET", "HEAD"):
        return ("read",)
    if method == "DELETE":
        return ("delete",)
    if method in ("PATCH", "PUT"):
        return ("create",) if path.startswith(("/upload/", "/resumable/")) else ("update",)
    verb = _VERB.search(path)
    if verb is None:
        return ("create",)  # a POST on a collection
    if verb[1] in _CALLS:
        return ("invoke",)
    if verb[1].startswith(_READS):
        return ("read",)
    return ("create",) if verb[1].startswith(_CREATES) else ("update",)
