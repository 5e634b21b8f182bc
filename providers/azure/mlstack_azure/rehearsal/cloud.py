"""The emulated Azure behind both doors: resources come, change and go here, by their ARM bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.rehearsal import World
from mlstack_azure.rehearsal import ids, outputs
from mlstack_azure.rehearsal.bodies import forget, to_inputs
from mlstack_azure.rehearsal.ids import Type
from mlstack_azure.rehearsal.platform import after_delete, after_put
from mlstack_azure.rehearsal.rules import CONDITIONS, RULES, View

DEFAULT_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
SOFT = "/softDeleted"
_SOFT_KINDS = ("machinelearningservices:Workspace", "keyvault:Vault", "keyvault:Secret")

Body = dict[str, Any]


class Cloud:
    """A `rules.Site`. Each verb is one transaction of the world."""

    def __init__(self, world: World, subscription: str, region: str | None) -> None:
        self.world = world
        self.subscription = subscription
        self.region = region

    # what is there

    def body(self, id: str) -> Body | None:
        return self.world.get("/" + id.strip("/"))

    def children(self, id: str, collection: str) -> dict[str, Body]:
        """Own children alone: no grandchildren. Names in lower case find them too."""
        prefix = f"{id}/{collection}/" if "/providers/" in id else f"{id}/providers/{collection}/"
        found = self.world.under(prefix)
        return {body["name"]: body for one, _, body in found if "/" not in one[len(prefix) :]}

    def attached(self, id: str, arm: str) -> list[Body]:
        """Those of a type whose scope is this id; autoscale settings by their target."""
        if arm == "Microsoft.Insights/autoscaleSettings":
            bodies = self.of("monitor:AutoscaleSetting")
            return [b for b in bodies if str(b["properties"].get("targetResourceUri")).lower() == id.lower()]
        prefix = f"/{id.strip('/')}/providers/{arm}/"
        return [body for one, _, body in self.world.under(prefix) if "/" not in one[len(prefix) :]]

    def of(self, kind: str) -> list[Body]:
        """All of a type."""
        return [body for _, one, body in self.world.under("/subscriptions/") if one == kind]

    # what is refused

    def judge(self, type: Type, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """(path, what is wrong, source) by the rules that look at inputs alone."""
        view = View(inputs)
        for one in RULES:
            if type.kind in one.tokens:
                for path, message in one.judge(view):
                    yield path, message, one.source

    def _allow(self, type: Type, id: str, verb: str, inputs: Mapping[str, Any], now: Body | None) -> None:
        """CloudFault: the platform would not, as things are."""
        view = View(inputs)
        for one in CONDITIONS:
            if one.verb == verb and type.kind in one.tokens:
                for fault in one.judge(self, id, view, now):
                    raise fault

    # what is done

    def put(self, id: str, body: Body, *, by: str = "caller", checked: bool = True) -> Body:
        """Make a resource, or replace it. ``by``: who made it ("seed", "platform"). CloudFault: refused."""
        id = "/" + id.strip("/")
        type, parameters = ids.parse(id)
        with self.world.transaction():
            now = self.world.get(id)
            if checked:
                self._allow(type, id, "put", to_inputs(type, body, parameters), now)
            made = self.finished(type, id, body, now, by)
            self.world.put(id, type.kind, made)
            after_put(self, type, id, made, now)
            self.world.remove(SOFT + id)
        return made

    def finished(self, type: Type, id: str, body: Body, now: Body | None = None, by: str = "caller") -> Body:
        """The body as the platform would give it back."""
        version = _version(type, id, body, now)
        body = forget(type, dict(_writable(type, body)))
        if "location" not in body and type.kind in _LOCATED:
            home = self.body(str(ids.group_of(id))) or {}
            body["location"] = home.get("location", self.region or "westeurope")
        made: Body = outputs.completed(body, outputs.additions(type, id, body))
        known = {"createdAt": outputs.WHEN, "createdBy": by, "createdByType": "Application"}
        known |= {"lastModifiedAt": outputs.WHEN}
        if now and (now.get("systemData") or {}).get("createdBy") != "platform":
            known["createdBy"] = (now.get("systemData") or {}).get("createdBy", by)
        made |= {"id": id, "name": ids.last(id), "type": type.arm, "systemData": known}
        if version:
            made["properties"]["secretUriWithVersion"] = version
        for key in ("latestVersion", "nextVersion", "status"):  # what the platform counts by itself
            if now and key in (now.get("properties") or {}):
                made["properties"][key] = now["properties"][key]
        return made

    def delete(self, id: str, *, purge: bool = False) -> bool:
        """Whether there was one. What is in it goes too. CloudFault: the platform would not."""
        id = "/" + id.strip("/")
        type, parameters = ids.parse(id)
        with self.world.transaction():
            now = self.world.get(id)
            if now is None:
                return False
            self._allow(type, id, "delete", to_inputs(type, now, parameters), now)
            for one, kind, body in [(id, type.kind, now), *self.world.under(id + "/")]:
                self.world.remove(one)
                if kind in _SOFT_KINDS and not purge and (one == id or not _goes_along(kind)):
                    self.world.put(SOFT + one, "soft-deleted", body)
                after_delete(self, kind, one, body)
        return True


def _goes_along(kind: str) -> bool:
    """Whether it is kept, and recovered, with what it is in: the secrets of a vault."""
    return kind == "keyvault:Secret"


_LOCATED = frozenset(
    {
        "storage:StorageAccount",
        "keyvault:Vault",
        "applicationinsights:Component",
        "operationalinsights:Workspace",
        "containerregistry:Registry",
        "managedidentity:UserAssignedIdentity",
        "network:VirtualNetwork",
        "network:NetworkSecurityGroup",
        "network:PrivateEndpoint",
        "monitor:AutoscaleSetting",
        "monitor:ScheduledQueryRule",
        "containerservice:ManagedCluster",
        "portal:Dashboard",
        *(
            f"machinelearningservices:{name}"
            for name in (
                "Workspace",
                "Registry",
                "Compute",
                "OnlineEndpoint",
                "OnlineDeployment",
                "BatchEndpoint",
                "BatchDeployment",
            )
        ),
    }
)


def _version(type: Type, id: str, body: Body, now: Body | None) -> str | None:
    """The address of a vault's secret with its version: another value is another version
    (learn.microsoft.com/rest/api/keyvault/keyvault/secrets/create-or-update: secretUriWithVersion)."""
    if type.kind != "keyvault:Secret":
        return None
    value = (body.get("properties") or {}).get("value")
    if value is None:
        return ((now or {}).get("properties") or {}).get("secretUriWithVersion")
    place = f"https://{id.split('/')[-3]}.vault.azure.net/secrets/{ids.last(id)}"
    return f"{place}/{outputs.secret(id, 'version', str(value).encode().hex())[:32]}"


def _writable(type: Type, body: Body) -> Body:
    """Without what only the platform sets."""
    found = {key: one for key, one in body.items() if key not in ("id", "name", "type", "systemData")}
    inner, alone = found.get("properties"), outputs.read_only(type.kind)
    if isinstance(inner, dict):
        found["properties"] = {key: one for key, one in inner.items() if key not in alone}
    return found
