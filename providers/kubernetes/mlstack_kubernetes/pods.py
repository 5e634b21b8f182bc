"""A pod's template: what runs, what it sees, what it may do.

Every pod runs without root rights, on a root file system that it cannot write to, with no rights in the
cluster: what the Pod Security Standard "restricted" asks for, and more. Files of the project are unpacked by
an init container, the packages of an environment are installed by a second one, into the stack's volume.

Sources: Kubernetes, "Pod Security Standards", "Volumes"; the checks CKV_K8S_8 to 43.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlstack.content import fingerprint
from mlstack.provider import Build
from mlstack.spec import is_deferred
from mlstack_kubernetes import paths
from mlstack_kubernetes.bundles import Bundle
from mlstack_kubernetes.environments import Environment
from mlstack_kubernetes.images import python_image
from mlstack_kubernetes.machines import Needs
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.place import place

#: A user that no image has, and no node.
USER = 10001
#: The label of pods that mount a claim which one node at a time may have.
CLAIM = "mlstack.dev/claim"
_LOCKED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_RESOURCES_OF_INIT = {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"cpu": "2", "memory": "2Gi"}}


@dataclass(frozen=True)
class Mount:
    """What a container sees of a volume at ``at``."""

    held: Held
    at: str
    writable: bool = False


@dataclass(frozen=True)
class SecretOf:
    """A Secret's name, its one key, and the salted hash of its value."""

    name: Any
    key: str
    mark: str


@dataclass
class Pod:
    """``command`` None: the image's own. ``bundles``: by the folder below `paths.WORK` that they are unpacked
    to. ``secrets`` become variables, ``secret_files`` files below `paths.SECRETS`. ``before``:
    variables that those in ``env`` may name. ``more`` goes into the container (ports, probes), ``spec`` into
    the pod."""

    image: Any
    command: Sequence[str] | None
    needs: Needs
    labels: Mapping[str, Any]
    env: Mapping[str, Any] = field(default_factory=dict)
    environment: Environment | None = None
    bundles: Mapping[str, Bundle] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    secrets: Mapping[str, SecretOf] = field(default_factory=dict)
    secret_files: Mapping[str, SecretOf] = field(default_factory=dict)
    shared_memory: bool = False
    before: Sequence[Mapping[str, Any]] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)


def template(build: Build, pod: Pod) -> dict[str, Any]:
    """The manifest of a PodTemplateSpec."""
    here, volumes = place(build), _Volumes(build)
    work = volumes.scratch("work", paths.WORK)
    temporary = volumes.scratch("tmp", paths.TEMPORARY)
    seen = [temporary, *([work] if pod.bundles else [])]
    init = []
    if pod.bundles:
        init.append(_unpacking(build, pod.bundles, volumes, [work, temporary]))
    if pod.environment is not None:
        made = volumes.claim(
            Mount(Held(here.claim, pod.environment.folder), paths.ENVIRONMENT, writable=True)
        )
        init.append(_installing(pod.environment, volumes, [made, temporary]))
        seen.append({**made, "readOnly": True})
    seen += [volumes.claim(mount) for mount in pod.mounts]
    exported: Mapping[str, SecretOf] = pod.secrets if pod.command is not None else {}
    as_files = {**exported, **pod.secret_files}
    seen += [volumes.secret(variable, secret) for variable, secret in sorted(as_files.items())]
    if pod.shared_memory:
        seen.append(volumes.memory("shm", "/dev/shm"))  # noqa: S108  a container's own
    main: dict[str, Any] = {
        "name": "main",
        "image": pod.image,
        "imagePullPolicy": "Always",
        "env": _env(pod, given={} if exported else pod.secrets),
        "resources": pod.needs.resources,
        "securityContext": dict(_LOCKED),
        "volumeMounts": seen,
        **pod.more,
    }
    if pod.command is not None:
        main["command"] = _exporting(exported, pod.command)
    labels = dict(pod.labels)
    affinity: dict[str, Any] = {}
    if pod.needs.node_affinity is not None:
        affinity["nodeAffinity"] = pod.needs.node_affinity
    if volumes.own and build.settings.access == "ReadWriteOnce":
        labels[CLAIM] = build.stack_uid
        affinity["podAffinity"] = _together(build)
    spec: dict[str, Any] = {
        "serviceAccountName": here.account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [main],
        "volumes": volumes.made,
        **({"initContainers": init} if init else {}),
        **({"affinity": affinity} if affinity else {}),
        **({"tolerations": pod.needs.tolerations} if pod.needs.tolerations else {}),
        **pod.spec,
    }
    metadata: dict[str, Any] = {"labels": labels}
    annotations = dict(pod.annotations)
    if pod.secrets:
        marks = {variable: secret.mark for variable, secret in sorted(pod.secrets.items())}
        annotations["mlstack.dev/secrets"] = fingerprint(*map("=".join, marks.items()))
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": spec}


class _Volumes:
    """The volumes of one pod, each claim once. ``own``: whether the stack's claim is among them."""

    def __init__(self, build: Build) -> None:
        self.made: list[dict[str, Any]] = []
        self.own = False
        self._claim = place(build).claim
        self._claims: dict[Any, str] = {}

    def scratch(self, name: str, at: str) -> dict[str, Any]:
        return self._mount(name, {"emptyDir": {}}, at)

    def memory(self, name: str, at: str) -> dict[str, Any]:
        return self._mount(name, {"emptyDir": {"medium": "Memory"}}, at)

    def config_maps(self, name: str, parts: Sequence[Any], key: str, at: str) -> dict[str, Any]:
        """The one key of several ConfigMaps, as files that are in order by their names."""
        sources = [
            {"configMap": {"name": part, "items": [{"key": key, "path": f"{number:04}"}]}}
            for number, part in enumerate(parts)
        ]
        return self._mount(name, {"projected": {"sources": sources}}, at, readOnly=True)

    def config_map(self, name: str, config_map: Any, at: str) -> dict[str, Any]:
        return self._mount(name, {"configMap": {"name": config_map}}, at, readOnly=True)

    def secret(self, variable: str, secret: SecretOf) -> dict[str, Any]:
        name = f"secret-{variable.lower().replace('_', '-').strip('-')}"[:50].rstrip("-")
        source = {"secretName": secret.name, "items": [{"key": secret.key, "path": variable}]}
        made = self._mount(
            f"{name}-{fingerprint(variable)[:6]}",
            {"secret": source},
            f"{paths.SECRETS}/{variable}",
            subPath=variable,
            readOnly=True,
        )
        return made

    def claim(self, mount: Mount) -> dict[str, Any]:
        held = mount.held
        key = (
            "own" if held.claim is self._claim else id(held.claim) if is_deferred(held.claim) else held.claim
        )
        self.own |= key == "own"
        if key not in self._claims:
            self._claims[key] = "stack" if key == "own" else f"claim-{len(self._claims)}"
            volume = {"persistentVolumeClaim": {"claimName": held.claim}}
            self.made.append({"name": self._claims[key], **volume})
        more: dict[str, Any] = {} if mount.writable else {"readOnly": True}
        if isinstance(held.path, str) and "$(" in held.path:
            more["subPathExpr"] = held.path
        elif held.path != "":
            more["subPath"] = held.path
        return {"name": self._claims[key], "mountPath": mount.at, **more}

    def _mount(self, name: str, volume: Mapping[str, Any], at: str, **more: Any) -> dict[str, Any]:
        if all(each["name"] != name for each in self.made):
            self.made.append({"name": name, **volume})
        return {"name": name, "mountPath": at, **more}


def _unpacking(
    build: Build, bundles: Mapping[str, Bundle], volumes: _Volumes, mounts: list[dict[str, Any]]
) -> dict[str, Any]:
    """The init container that unpacks the project's files."""
    lines = []
    for number, (folder, held) in enumerate(sorted(bundles.items())):
        at, target = f"{paths.PARTS}/{number}", shlex.quote(f"{paths.WORK}/{folder}")
        mounts = [*mounts, volumes.config_maps(f"parts-{number}", held.parts, "part", at)]
        lines.append(f"mkdir -p {target} && cat {at}/* | tar -xzf - -C {target}")
    return _init("files", python_image(build), ["/bin/sh", "-ec", "\n".join(lines)], mounts)


def _installing(environment: Environment, volumes: _Volumes, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    """The init container that installs the lock where it is not there yet."""
    mounts = [*mounts, volumes.config_map("lock", environment.config_map, paths.LOCK)]
    command = ["python", f"{paths.LOCK}/install.py", f"{paths.LOCK}/lock.txt", paths.ENVIRONMENT]
    return _init("environment", environment.image, command, mounts)


def _init(name: str, image: Any, command: list[str], mounts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "Always",
        "command": command,
        "env": [{"name": "HOME", "value": paths.TEMPORARY}],
        "resources": _RESOURCES_OF_INIT,
        "securityContext": dict(_LOCKED),
        "volumeMounts": mounts,
    }


def _env(pod: Pod, given: Mapping[str, SecretOf]) -> list[dict[str, Any]]:
    """``given``: secrets that the image's own command cannot read from files."""
    found: dict[str, Any] = {"HOME": paths.TEMPORARY, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if pod.environment is not None:
        usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        found |= {"VIRTUAL_ENV": paths.ENVIRONMENT, "PATH": f"{paths.ENVIRONMENT}/bin:{usual}"}
    listed = [{"name": name, "value": value} for name, value in sorted({**found, **pod.env}.items())]
    return [*map(dict, pod.before), *listed] + [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": secret.key}}}
        for name, secret in sorted(given.items())
    ]


def _exporting(secrets: Mapping[str, SecretOf], command: Sequence[str]) -> list[str]:
    """The command with variables from files: those of the pod itself are shown to all who may see it."""
    if not secrets:
        return list(command)
    lines = [f'export {name}="$(cat {paths.SECRETS}/{name})"' for name in sorted(secrets)]
    return ["/bin/sh", "-ec", "\n".join((*lines, f"exec {shlex.join(command)}"))]


def _together(build: Build) -> dict[str, Any]:
    """On the node where the others are that have the stack's volume."""
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "labelSelector": {"matchLabels": {CLAIM: build.stack_uid}},
                "topologyKey": "kubernetes.io/hostname",
            }
        ]
    }
