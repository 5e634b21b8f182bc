"""What answers in a deployment: mlstack's own server with a model or code, vLLM, or a server in an image.

mlstack's own is among the files that are unpacked, so that it runs in any environment that has what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import serving, vllm
from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.inline import inline
from mlstack.provider import Build
from mlstack.spec import Deployment, InlineModel
from mlstack_kubernetes import environments, paths, sources
from mlstack_kubernetes.bundles import Bundle, bundle, bundle_files
from mlstack_kubernetes.environments import Environment
from mlstack_kubernetes.kinds import captures
from mlstack_kubernetes.kinds.secret import secrets
from mlstack_kubernetes.machines import Needs
from mlstack_kubernetes.place import place
from mlstack_kubernetes.pods import Mount, Pod, SecretOf
from mlstack_kubernetes.sources import Hub, Source

PORT = 8080
_RUNTIME, _CODE = "runtime", "code"
_KEY_FILE = "MLSTACK_KEY"
#: vLLM's own variable, and the one that a server of one's own finds it in.
_KEY_OF_VLLM, _KEY_OF_OTHERS = "VLLM_API_KEY", "MLSTACK_KEY"
_NOTHING = Needs({})


@dataclass(frozen=True)
class Server:
    """``pod`` without a machine and labels; the port, and the paths that say how it fares."""

    pod: Pod
    port: int
    ready: str
    live: str


def of(build: Build, name: str, spec: Deployment, key: SecretOf) -> Server:
    """``key``: what callers have to show."""
    given = secrets(build, spec.secrets)
    if spec.server is None:
        return _own(build, name, spec, key, given)
    if spec.server.vllm is not None:
        return _vllm(build, name, spec, {**given, _KEY_OF_VLLM: key})
    return _container(build, name, spec, {**given, _KEY_OF_OTHERS: key})


def _own(build: Build, name: str, spec: Deployment, key: SecretOf, given: Mapping[str, SecretOf]) -> Server:
    flavor = flavor_of(spec, lambda other: build.spec_of("models", other), build.root)
    image, environment = _software(build, name, spec, flavor)
    env: dict[str, Any] = {
        "MLSTACK_HOST": "0.0.0.0",  # noqa: S104  a container's port
        "MLSTACK_PORT": str(PORT),
        "MLSTACK_MODEL_NAME": build.name,
        "MLSTACK_KEY_FILE": f"{paths.SECRETS}/{_KEY_FILE}",
        "PYTHONPATH": f"{paths.WORK}/{_RUNTIME}",
        **serving.settings(spec),
    }
    held: dict[str, Bundle] = {_RUNTIME: _runtime(build)}
    kept = captures.of(build, name, spec)
    env |= kept.env
    mounts = kept.mounts
    found = model_of(build, name, spec)
    if found is not None:
        seen = _seen(found)
        env["MLSTACK_MODEL"] = seen.path
        held |= seen.bundles
        mounts += seen.mounts
    if spec.code is not None:
        held[_CODE] = bundle(build, f"deployments.{name}.code.dir", spec.code.dir, name, "code")
        env |= {"MLSTACK_CODE": f"{paths.WORK}/{_CODE}", "MLSTACK_SCRIPT": spec.code.script}
    elif flavor is not None:
        env["MLSTACK_FLAVOR"] = flavor
    pod = Pod(
        image=image,
        command=["python", "-m", "mlstack_serving"],
        needs=_NOTHING,
        labels={},
        env={**env, **spec.env},
        environment=environment,
        bundles=held,
        mounts=mounts,
        secrets=given,
        secret_files={_KEY_FILE: key},
    )
    return Server(pod, PORT, "/v2/health/ready", "/v2/health/live")


def _vllm(build: Build, name: str, spec: Deployment, given: Mapping[str, SecretOf]) -> Server:
    assert spec.server is not None
    assert spec.server.vllm is not None
    found = model_of(build, name, spec)
    settings = spec.server.vllm
    held: Mapping[str, Bundle] = {}
    mounts: tuple[Mount, ...] = ()
    if isinstance(found, Hub):
        words = vllm.words(found.id, settings, revision=found.revision)
    else:
        assert found is not None
        seen = _seen(found)
        held, mounts = seen.bundles, seen.mounts
        words = vllm.words(seen.path, settings)
    pod = Pod(
        image=vllm.IMAGE,
        command=["/bin/sh", "-ec", " ".join(["exec", *words])],
        needs=_NOTHING,
        labels={},
        env=spec.env,
        bundles=held,
        mounts=mounts,
        secrets=given,
        shared_memory=True,
    )
    return Server(pod, vllm.PORT, "/health", "/health")


def _container(build: Build, name: str, spec: Deployment, given: Mapping[str, SecretOf]) -> Server:
    assert spec.server is not None
    container = spec.server.container
    assert container is not None
    build.warn(
        f"deployments.{name}.server.container",
        f"a server of one's own has to ask for the endpoint's key itself: it is in {_KEY_OF_OTHERS}",
    )
    found = model_of(build, name, spec)
    seen = _seen(found) if found is not None else sources.Seen("", {})
    pod = Pod(
        image=container.image,
        command=container.command,
        needs=_NOTHING,
        labels={},
        env={**({"MLSTACK_MODEL": seen.path} if found is not None else {}), **spec.env},
        bundles=seen.bundles,
        mounts=seen.mounts,
        secrets=given,
    )
    return Server(pod, container.port, container.health, container.health)


def model_of(build: Build, name: str, spec: Deployment) -> Source | None:
    """The model's files; None where code or a container brings it."""
    if spec.model is None:
        return None
    if not isinstance(spec.model, InlineModel):
        return sources.source(build, "models", spec.model)
    from mlstack_kubernetes.kinds.model import build as build_model

    below = inline(build, name, spec.model)
    build_model(below)
    return sources.left(below)


def _seen(found: Source) -> sources.Seen:
    return sources.seen(found.pointer if isinstance(found, Hub) else found, "model", paths.MODEL)


def _software(
    build: Build, name: str, spec: Deployment, flavor: str | None
) -> tuple[Any, Environment | None]:
    if spec.environment is not None:
        return environments.of_name(build, spec.environment)
    made = environments.of_packages(build, PACKAGES.get(flavor or "", ()), name, "packages")
    return made.image, made


def _runtime(build: Build) -> Bundle:
    """mlstack's own server, once for all endpoints of a program."""
    key = "kubernetes.runtime"
    if key not in build.shared:
        build.shared[key] = bundle_files(place(build).workspace, serving.runtime(), "serving")
    found: Bundle = build.shared[key]
    return found
