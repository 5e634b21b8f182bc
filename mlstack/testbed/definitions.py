"""Custom resource definitions: those of other projects by name, and any by file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mlstack.errors import TargetError, UsageError
from mlstack.obtain import GoSource, Progress, Unobtainable, alone, staged
from mlstack.paths import cache_dir
from mlstack.suggest import hint

#: What the projects publish, in their own Go modules.
PROJECTS = {
    "argo": GoSource(
        "github.com/argoproj/argo-workflows/v4",
        "v4.0.5",
        "h1:/1lru5oXUd+k6KEDUps6rLX5OKfi1jTfabgXTly/VFU=",
        ("manifests/base/crds/full/argoproj.io_*.yaml",),
    ),
    "gateway": GoSource(
        "sigs.k8s.io/gateway-api",
        "v1.6.0",
        "h1:735YBRj5NXFrOGX0GoSjwzUIzbz8kiEOfADsqHFmHgE=",
        ("config/crd/standard/gateway.networking.k8s.io_[!v]*.yaml",),  # v: a policy on upgrades
    ),
    "keda": GoSource(
        "github.com/kedacore/keda/v2",
        "v2.21.0",
        "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=",
        ("config/crd/bases/*.yaml",),
    ),
    "knative": GoSource(
        "knative.dev/serving",
        "v0.51.0",
        "h1:yN2Q7eYqJgoPfZkATjoBZyGbZ2P1Qhns9HIMU4mF+to=",
        ("config/core/300-resources/*.yaml",),
    ),
    "kserve": GoSource(
        "github.com/kserve/kserve",
        "v0.17.0",
        "h1:IaynaBFzVQz1Xyrw5n3ncqzd5Y7L1RkO+YWvVwwtMQE=",
        ("config/crd/full/serving.*.yaml", "config/crd/full/llmisvc/serving.*.yaml"),
    ),
    "kuberay": GoSource(
        "github.com/ray-project/kuberay/ray-operator",
        "v1.5.0",
        "h1:KCjCQ7PSsvs9Ke+90CZbbs498nuaIJ/JkXk4vd54EVg=",
        ("config/crd/bases/*.yaml",),
    ),
    "kueue": GoSource(
        "sigs.k8s.io/kueue",
        "v0.17.0",
        "h1:7hzb38M4eKGzYW+CFv2s1L+swzzacUCHOCXxZmAV90I=",
        ("config/components/crd/bases/*.yaml",),
    ),
    "prometheus": GoSource(
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        ("example/prometheus-operator-crd/*.yaml",),
    ),
}


def split(given: Iterable[str]) -> list[str]:
    """The single words of options that may hold several each, with commas between."""
    return [word.strip() for each in given for word in each.split(",") if word.strip()]


def check(words: Iterable[str]) -> None:
    """Raise UsageError where one is neither a project of `PROJECTS` nor something that is there."""
    for word in words:
        if word not in PROJECTS and not Path(word).exists():
            raise UsageError(
                f"{word!r} is no project whose definitions are known, and no file or folder",
                where="--crds",
                remedy=hint(word, PROJECTS, said="the projects are"),
            )


def found(words: Sequence[str], progress: Progress) -> list[Path]:
    """The files and folders of definitions; those of a project are fetched into the cache, once."""
    check(words)
    return [_of_project(word, progress) if word in PROJECTS else Path(word).absolute() for word in words]


def _of_project(name: str, progress: Progress) -> Path:
    """Raises TargetError ("no-definitions")."""
    source = PROJECTS[name]
    home = cache_dir() / "testbed" / "definitions" / f"{name}-{source.version}"
    if home.is_dir():
        return home
    try:
        with alone(home, f"the definitions of {name}", progress):
            if not home.is_dir():
                progress(f"fetching the definitions of {name} {source.version}")
                with staged(home) as stage:
                    source.copy(stage, home.parent / f".{name}.go", progress)
                    stage.rename(home)
    except (OSError, Unobtainable) as failure:
        raise TargetError(
            f"the definitions of {name} could not be had\n{failure}",
            code="no-definitions",
            category="user",
            where=f"{source.module} {source.version}",
            remedy="let this machine reach a Go module proxy (GOPROXY), or give --crds a folder of them",
        ) from failure
    return home
