"""A job's command in a container: its inputs and outputs as paths, its code in the work folder.

For the job itself, and for what a schedule starts.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from mlstack.lowering.shell import literal, render
from mlstack.lowering.values import lift
from mlstack.provider import Build
from mlstack.spec import Job, Value, is_deferred
from mlstack_kubernetes import environments, paths, sources
from mlstack_kubernetes.bundles import Bundle, bundle, bundle_files
from mlstack_kubernetes.environments import Environment
from mlstack_kubernetes.images import python_image
from mlstack_kubernetes.kinds.secret import secrets
from mlstack_kubernetes.machines import Needs
from mlstack_kubernetes.names import selector
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.pods import Mount, Pod, SecretOf

_CODE = "code"
_RANKS = "ranks"


@dataclass
class Prepared:
    """``line`` is what the shell runs, ``counts`` what the fingerprint is made of. They may hold Outputs."""

    spec: Job
    line: Any
    image: Any
    environment: Environment | None
    bundles: dict[str, Bundle] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    secrets: Mapping[str, SecretOf] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)

    def pod(self, build: Build, wanted: Needs, folder: Held, peers: Any = None) -> Pod:
        """``folder``: where outputs go that name no other place. ``peers``: the Service by which the pods of
        several nodes find each other."""
        spec = self.spec
        given: dict[str, Any] = {}
        if peers is not None:
            given["MASTER_ADDR"] = lift(peers, lambda name: f"$(JOB_NAME)-0.{name}")
        mounts = [*self.mounts, *_places(spec, folder)]
        return Pod(
            image=self.image,
            command=["/bin/sh", "-ec", lift(self.line, lambda text: _script(spec, text, self.bundles))],
            needs=wanted,
            labels=selector(build),
            env={**given, **spec.env},
            environment=self.environment,
            bundles=self.bundles,
            mounts=mounts,
            secrets=self.secrets,
            before=[_JOB_NAME],
            spec={"restartPolicy": "Never", **({"subdomain": peers} if peers is not None else {})},
        )


#: Of the pod's own Job, for variables and folders that are named after it.
_JOB_NAME = {
    "name": "JOB_NAME",
    "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}},
}


def prepare(build: Build, spec: Job, *suffixes: str) -> Prepared:
    """What a job needs in a cluster, made below ``build.parent``."""
    image, environment = _software(build, spec)
    held: dict[str, Bundle] = {}
    mounts: list[Mount] = []
    values: dict[str, Any] = {}
    read: dict[str, Any] = {}
    if spec.code is not None:
        held[_CODE] = bundle(build, "code", spec.code, *suffixes)
    if spec.nodes * spec.processes > 1:
        held[_RANKS] = bundle_files(build, {"ranks.py": _ranks()}, *suffixes, "ranks")
    for name, given in spec.inputs.items():
        if isinstance(given, Value):
            values[name] = read[name] = lift_literal(given.value)
            continue
        found = source_of(build, given)
        seen = sources.seen(found, f"inputs/{name}", f"{paths.INPUTS}/{name}")
        held |= seen.bundles
        mounts += seen.mounts
        values[name] = seen.path
        read[name] = version_of(build, given)
    outputs = {name: output_path(spec, name) for name in spec.outputs}
    line = _rendered(spec.command, values, outputs)
    counts = {
        "command": spec.command,
        "code": held[_CODE].digest if spec.code is not None else None,
        "environment": environment.version if environment is not None else image,
        "inputs": read,
        "outputs": {name: [each.type, each.path] for name, each in spec.outputs.items()},
        "env": dict(spec.env),
        "secrets": sorted(spec.secrets),
        "nodes": spec.nodes,
        "processes": spec.processes,
    }
    return Prepared(spec, line, image, environment, held, mounts, secrets(build, spec.secrets), counts)


def output_path(spec: Job, name: str) -> str:
    """The path that the command writes to. Of an output with a place of its own it is the end of that."""
    given = spec.outputs[name].path
    if given is None:
        return f"{paths.OUTPUTS}/run/{name}"
    if spec.outputs[name].type == "folder" or is_deferred(given):
        return f"{paths.OUTPUTS}/{name}"
    return f"{paths.OUTPUTS}/{name}/{str(given).rstrip('/').rpartition('/')[2]}"


def output_place(path: Any, folder: Held, name: str) -> Held:
    """Where an output is on a volume."""
    if path is not None:
        return paths.held(path)
    return Held(folder.claim, lift(folder.path, lambda text: f"{text}/{name}"))


def lift_literal(value: Any) -> Any:
    import pulumi

    return pulumi.Output.from_input(value).apply(literal) if is_deferred(value) else literal(value)


def _places(spec: Job, folder: Held) -> list[Mount]:
    """The volumes that outputs are written to."""
    found = []
    if any(each.path is None for each in spec.outputs.values()):
        found.append(Mount(folder, f"{paths.OUTPUTS}/run", writable=True))
    for name, each in spec.outputs.items():
        if each.path is None:
            continue
        at = paths.held(each.path)
        if each.type == "file":
            at = Held(at.claim, lift(at.path, lambda text: text.rpartition("/")[0]))
        found.append(Mount(at, f"{paths.OUTPUTS}/{name}", writable=True))
    return found


def _script(spec: Job, line: str, held: Mapping[str, Bundle]) -> str:
    """What the container's shell runs; in a folder of the pod's own, which it may write to."""
    folders = [output_path(spec, name) for name, each in spec.outputs.items() if each.type == "folder"]
    lines = [f"mkdir -p {shlex.quote(folder)}" for folder in folders]
    lines.append(f"cd {paths.WORK}/{_CODE}" if _CODE in held else f"cd {paths.TEMPORARY}")
    if _RANKS in held:
        words = ["python", f"{paths.WORK}/{_RANKS}/ranks.py", str(spec.processes), str(spec.nodes), line]
        return "\n".join((*lines, f"exec {shlex.join(words)}"))
    return "\n".join((*lines, "set +e", line))


def _rendered(command: str, values: Mapping[str, Any], outputs: Mapping[str, str]) -> Any:
    if not any(is_deferred(value) for value in values.values()):
        return render(command, values, outputs)
    import pulumi

    return pulumi.Output.all(**values).apply(lambda known: render(command, known, outputs))


def _software(build: Build, spec: Job) -> tuple[Any, Environment | None]:
    if spec.environment is None:
        return python_image(build), None
    return environments.of_name(build, spec.environment)


def source_of(build: Build, given: str) -> Bundle | Held:
    """What a reference such as data.digits or jobs.train.model names."""
    kind, name, *rest = given.split(".")
    found = sources.source(build, kind, name, *rest)
    return found.pointer if isinstance(found, sources.Hub) else found


def version_of(build: Build, given: str) -> Any:
    kind, name, *rest = given.split(".")
    made = build.outputs(kind, name)
    return made["outputs"].apply(lambda held: held[rest[0]]["version"]) if rest else made["version"]


def _ranks() -> str:
    return files("mlstack_kubernetes.container").joinpath("ranks.py").read_text(encoding="utf-8")
