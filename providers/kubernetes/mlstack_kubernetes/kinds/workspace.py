"""The workspace: a namespace, the account that pods run as, a volume, and a door that is shut.

The namespace is held to the Pod Security Standard "restricted". Source: Kubernetes, "Enforce Pod Security
Standards with Namespace Labels".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstack.provider import STACK_TAG, Build
from mlstack_kubernetes import kubeconfig
from mlstack_kubernetes.machines import quantity
from mlstack_kubernetes.names import labels, physical
from mlstack_kubernetes.place import NOT_AWAITED, Place, make, named, settle

if TYPE_CHECKING:
    import pulumi

_STANDARD = "pod-security.kubernetes.io"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_kubernetes.core import v1
    from pulumi_kubernetes.networking import v1 as networking

    spec = build.spec
    provider = _cluster(build)
    namespace = spec.existing if spec.existing is not None else _namespace(build, provider)
    whole = Place(provider, namespace, "", "", build)
    settle(build, whole)
    account = spec.identity
    if account is None:
        made = make(
            build,
            v1.ServiceAccount,
            "account",
            name=physical(build),
            automount_service_account_token=False,
        )
        account = named(made)
    claim = spec.storage if spec.storage is not None else _claim(build)
    shut = make(
        build,
        networking.NetworkPolicy,
        "closed",
        name=physical(build, "closed"),
        spec={
            "podSelector": {"matchLabels": {STACK_TAG: build.stack_uid}},
            "policyTypes": ["Ingress"],
        },
    )
    settle(build, Place(provider, namespace, account, claim, build, (shut,)))
    return {"id": namespace}


def _cluster(build: Build) -> pulumi.ProviderResource:
    """What speaks to the cluster. Fields that somebody else has changed are taken back, without a quarrel
    about whose they are: what the spec says, it says for its own objects alone."""
    import pulumi_kubernetes as kubernetes

    return kubernetes.Provider(
        build.child("cluster"),
        context=_context(build),
        kubeconfig="",  # else the SDK writes this machine's path of it into the state
        enable_patch_force=True,
        opts=build.opts(),
    )


def _context(build: Build) -> str:
    """The context that a stack was first applied in, where its settings name none: another one's being
    current some day is no reason to go to another cluster."""
    if build.settings.context is not None:
        return str(build.settings.context)
    kept: str | None = build.choices.held.get(kubeconfig.CHOICE)
    found = kept or kubeconfig.current()
    if found is None:
        return ""
    build.choices.put(kubeconfig.CHOICE, found)
    return found


def _namespace(build: Build, provider: pulumi.ProviderResource) -> Any:
    from pulumi_kubernetes.core import v1

    name = build.spec.name or build.settings.namespace or physical(build)
    made = build.make(
        v1.Namespace,
        main=True,
        options={"provider": provider},
        metadata={
            "name": name,
            "labels": {
                **labels(build),
                **{f"{_STANDARD}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")},
            },
        },
    )
    return named(made)


def _claim(build: Build) -> Any:
    from pulumi_kubernetes.core import v1

    settings = build.settings
    made = make(
        build,
        v1.PersistentVolumeClaim,
        "volume",
        name=physical(build),
        # volumes of many classes are made where the first pod runs: who waited for one, would wait for ever
        annotations=NOT_AWAITED,
        spec={
            "accessModes": [settings.access],
            "resources": {"requests": {"storage": quantity(settings.capacity)}},
            **({"storageClassName": settings.storage_class} if settings.storage_class else {}),
        },
    )
    return named(made)
