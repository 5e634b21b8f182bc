"""What the Kubernetes target builds, what it refuses, and where the code for each is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlstack.lowering.support import Refusal
from mlstack.provider import Capabilities, Provider
from mlstack.runtime import Runtime, Site
from mlstack_kubernetes.settings import Settings
from mlstack_kubernetes.support import SUPPORT

if TYPE_CHECKING:
    from mlstack.spec import Stack


class Kubernetes(Provider):
    name = "kubernetes"
    Settings = Settings

    native = True
    manifests = True
    invokes = False

    builders: ClassVar[Mapping[str, str]] = {
        "workspace": "mlstack_kubernetes.kinds.workspace:build",
        "secrets": "mlstack_kubernetes.kinds.secret:build",
        "compute": "mlstack_kubernetes.kinds.compute:build",
        "environments": "mlstack_kubernetes.kinds.environment:build",
        "data": "mlstack_kubernetes.kinds.data:build",
        "jobs": "mlstack_kubernetes.kinds.job:build",
        "models": "mlstack_kubernetes.kinds.model:build",
        "endpoints": "mlstack_kubernetes.kinds.endpoint:build",
        "monitors": "mlstack_kubernetes.kinds.monitor:build",
        "notifications": "mlstack_kubernetes.kinds.notification:build",
        "pipelines": "mlstack_kubernetes.kinds.pipeline:build",
        "schedules": "mlstack_kubernetes.kinds.schedule:build",
    }
    resources: ClassVar[Mapping[str, str]] = {
        "mlstack:kubernetes:Key": "mlstack_kubernetes.resources.key:Key",
        "mlstack:kubernetes:Kept": "mlstack_kubernetes.resources.kept:Kept",
        "mlstack:kubernetes:Lock": "mlstack_kubernetes.resources.lock:Lock",
    }

    #: What holds data, and the key that callers have. Of all else another is there before one goes.
    stateful: ClassVar = frozenset(
        {
            "kubernetes:core/v1:Namespace",
            "kubernetes:core/v1:PersistentVolumeClaim",
            "mlstack:kubernetes:Key",
        }
    )

    unsupported: ClassVar = SUPPORT.unsupported
    no_input: ClassVar = SUPPORT.no_input
    ways: ClassVar = SUPPORT.ways

    def identify(
        self, token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
    ) -> str | None:
        """An object's id is its namespace and its name; of one in no namespace its name alone."""
        metadata = inputs.get("metadata")
        if not token.startswith("kubernetes:") or not isinstance(metadata, Mapping):
            return None
        name, namespace = metadata.get("name"), metadata.get("namespace")
        if not isinstance(name, str):
            return None
        return f"{namespace}/{name}" if isinstance(namespace, str) else name

    def capabilities(self) -> Capabilities:
        """Nodes are the cluster's own: there is no catalogue, and there are no prices."""
        return Capabilities(default_auth="key", auths=frozenset({"key"}), public_by_default=False)

    def runtime(self, site: Site) -> Runtime:
        from mlstack_kubernetes.runtime import KubernetesRuntime

        return KubernetesRuntime(site)

    def validate(self, stack: Stack) -> Iterator[Refusal]:
        return SUPPORT.refusals(stack)
