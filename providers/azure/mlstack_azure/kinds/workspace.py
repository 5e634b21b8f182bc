"""The workspace with all that it needs, or one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.program import scope
from mlstack.provider import Build
from mlstack_azure import account, around, encryption, identity, network, viable
from mlstack_azure.existing import look
from mlstack_azure.names import physical, tags
from mlstack_azure.place import Place, settle

#: What a workspace that exists already has settled by itself.
_SETTLED = ("name", "network", "storage", "registry", "encryption_key", "tags")


def build(build: Build) -> Mapping[str, Any]:
    existing = build.spec.existing
    if existing == "auto":
        existing = build.pinned("workspace.default.existing", lambda: viable.workspace(build) or "") or None
        made = _used(build, existing, auto=True) if existing else _made(build)
    else:
        made = _made(build) if existing is None else _used(build, existing)
    settle(build, made)
    return {"id": made.workspace_id}


def _used(build: Build, existing: Any, *, auto: bool = False) -> Place:
    """One that is there: only read. Its own rights are as its owner set them."""
    spec = build.spec
    for field in _SETTLED:
        if getattr(spec, field) and not auto and (field, spec.name) != ("name", existing):
            build.warn(field, "the workspace is there already, and stays as it is")
    group = account.segment(existing, "resourceGroups", build.settings.group or "")
    id = account.lift(existing, lambda text: text if "/" in text else _id(build, group, text))
    arguments = {"resource_group_name": group, "workspace_name": account.last(existing)}
    told = f"the workspace {existing} in the resource group {group}"
    found: pulumi.Output[Any] = look(build, "get_workspace", arguments, "existing", told)
    worker = identity.given(spec.identity) if spec.identity is not None else None
    vault = found.apply(lambda workspace: workspace.key_vault)
    storage = found.apply(lambda workspace: workspace.storage_account)
    return Place(
        resource_group=group,
        workspace=account.last(existing),
        workspace_id=id,
        location=found.apply(lambda workspace: workspace.location),
        storage_account=_name(storage),
        storage_account_id=storage,
        key_vault=_name(vault),
        key_vault_id=vault,
        registry_id=found.apply(lambda workspace: workspace.container_registry),
        application_insights_id=found.apply(lambda workspace: workspace.application_insights),
        identity_id=worker.id if worker else None,
        identity_client_id=worker.client_id if worker else None,
        identity_principal_id=worker.principal_id if worker else None,
        private=_is_private(build),
        existing=True,
    )


def _id(build: Build, group: Any, name: str) -> pulumi.Output[str]:
    return pulumi.Output.format(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        account.subscription(build),
        group,
        name,
    )


def _made(build: Build) -> Place:
    spec = build.spec
    location = account.region(build)
    group = _resource_group(build, location)
    worker = (
        identity.given(spec.identity) if spec.identity is not None else identity.made(build, group, location)
    )
    key = encryption.key(build, group)
    wait: tuple[pulumi.Resource, ...] = ()
    if key is not None:
        role = "Key Vault Crypto Service Encryption User"
        wait = (identity.grant(build, worker, role, "key", key.vault_id),)
    strict = build.stackwide.security == "strict"
    site = around.Site(group, location, _is_private(build), strict, key, worker, wait)

    logs = around.logs(build, site)
    insights = around.insights(build, site, logs.id)
    vault = around.vault(build, site)
    storage = around.storage_account(build, site) if spec.storage is None else None
    registry = around.registry(build, site) if spec.registry is None and _builds_images() else None
    storage_id = spec.storage if storage is None else storage.id
    registry_id = spec.registry if registry is None else registry.id
    workspace = _workspace(
        build, site, storage_id, {
            "key_vault": vault.id,
            "application_insights": insights.id,
            "container_registry": registry_id,
        },
    )  # fmt: skip

    granted: list[pulumi.Resource] = [
        identity.grant(build, worker, "Storage Blob Data Contributor", "storage", storage_id),
        identity.grant(build, worker, "Key Vault Secrets User", "vault", vault.id),
        identity.grant(build, worker, "AzureML Data Scientist", "workspace", workspace.id),
    ]
    if registry_id is not None:
        granted.append(identity.grant(build, worker, "AcrPull", "registry", registry_id))
    reached = [network.Reached("workspace", "amlworkspace", workspace.id)]
    if storage is not None:
        reached += [network.Reached(door, door, storage.id) for door in ("blob", "file")]
    reached.append(network.Reached("vault", "vault", vault.id))
    if registry is not None:
        reached.append(network.Reached("registry", "registry", registry.id))
    return Place(
        resource_group=group,
        workspace=workspace.name,
        workspace_id=workspace.id,
        location=location,
        storage_account=account.last(storage_id) if storage is None else storage.name,
        storage_account_id=storage_id,
        key_vault=vault.name,
        key_vault_id=vault.id,
        registry_id=registry_id,
        application_insights_id=insights.id,
        log_workspace_id=logs.id,
        identity_id=worker.id,
        identity_client_id=worker.client_id,
        identity_principal_id=worker.principal_id,
        private=site.private,
        resources=(*granted, *network.endpoints(build, site, reached)),
    )


def _workspace(build: Build, site: around.Site, storage_id: Any, beside: dict[str, Any]) -> Any:
    """The workspace itself. It has an identity of its own, which Azure gives the rights on what is beside it.

    Its storage, its region, whether its key is one's own and in which vault, and hbi cannot be changed:
    another one is another workspace, with another name.
    """
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    encrypted: dict[str, Any] = {}
    who = ml.ManagedServiceIdentityArgs(type="SystemAssigned")
    if site.key is not None:
        who = ml.ManagedServiceIdentityArgs(
            type="SystemAssigned,UserAssigned", user_assigned_identities=identity.alone(site.identity.id)
        )
        encrypted["encryption"] = ml.EncryptionPropertyArgs(
            status="Enabled",
            identity=ml.IdentityForCmkArgs(user_assigned_identity=site.identity.id),
            key_vault_properties=ml.KeyVaultPropertiesArgs(
                key_identifier=site.key.id,
                key_vault_arm_id=site.key.vault_id,
                identity_client_id=site.identity.client_id,
            ),
        )
    name = account.lift(
        spec.storage or "",
        lambda storage: account.lift(
            spec.encryption_key or "", lambda key: _own_name(build, site, storage, key)
        ),
    )
    return build.make(
        ml.Workspace,
        main=True,
        options={"depends_on": list(site.wait)},
        workspace_name=spec.name or name,
        resource_group_name=site.resource_group,
        location=site.location,
        kind="Default",
        sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
        friendly_name=pulumi.get_project(),
        identity=who,
        storage_account=storage_id,
        **beside,
        public_network_access=site.access,
        managed_network=network.managed(site),
        provision_network_now=True if site.private else None,
        system_datastores_auth_mode="Identity" if site.strict else "AccessKey",
        hbi_workspace=site.strict,
        v1_legacy_mode=False,
        tags=tags(build),
        **encrypted,
    )


def _own_name(build: Build, site: around.Site, storage: str, key: str) -> str:
    """With what Azure changes in no workspace that holds anything: another of it is another workspace."""
    words = ("hbi" if site.strict else "", "isolated" if site.private else "")
    settled = [site.location, storage, *filter(None, [key.partition("/keys/")[0], *words])]
    return physical(build, longest=33, generation=" ".join(settled))


def _resource_group(build: Build, location: str) -> pulumi.Input[str]:
    from pulumi_azure_native import resources

    given = build.settings.group
    if given is not None:
        return str(given)
    made = build.make(
        resources.ResourceGroup,
        "group",
        resource_group_name=physical(build, longest=90, generation=location),
        location=location,
        tags=tags(build),
    )
    name: pulumi.Output[str] = made.name
    return name


def _is_private(build: Build) -> bool:
    network = build.spec.network
    return network == "private" or (network is None and build.stackwide.security == "strict")


def _builds_images() -> bool:
    """Whether something of the spec may need an image built. A program that makes its components one by one
    cannot know."""
    stack = scope().stack
    return stack is None or bool(stack.environments or stack.jobs or stack.endpoints)


def _name(id: pulumi.Output[Any]) -> pulumi.Output[Any]:
    return id.apply(lambda text: text and account.last(text))
