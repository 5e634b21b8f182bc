"""What software a pod runs in: an image that is complete, or Python's image and a lock of packages.

The lock is resolved on this machine, and is in a ConfigMap with the script that installs it. Source: Docker
Hub, python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering import locks
from mlstack.lowering.locks import python
from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack_kubernetes.images import python_image
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named

TOKEN = "mlstack:kubernetes:Lock"  # noqa: S105  a type
_KEY = "kubernetes.environments"


@dataclass(frozen=True)
class Environment:
    """``image`` has Python; ``config_map`` holds ``lock.txt`` and ``install.py``; ``version``: the lock's."""

    image: Any
    config_map: Any
    version: Any

    @property
    def folder(self) -> Any:
        """Where it is on the stack's volume."""
        return join("environments/", self.version)


def of_packages(
    build: Build,
    requirements: Sequence[str],
    *suffixes: str,
    version: str | None = None,
    constraints: Sequence[str] = (),
) -> Environment:
    """An environment of these packages and what the serving runtime needs beside them."""
    from pulumi_kubernetes.core import v1

    given = {
        "stack_uid": build.stack_uid,
        "name": build.child(*suffixes),
        "python": version or python.default(),
        "requirements": list(requirements),
        "serving": locks.of_serving(),
        "constraints": list(constraints),
    }
    lock = GapResource(
        TOKEN,
        build.child(*suffixes, "lock"),
        {key: value for key, value in given.items() if value},
        ("lock", "version"),
        build.opts(),
    )
    held = make(
        build,
        v1.ConfigMap,
        *suffixes,
        main=not suffixes,
        name=physical(build, *suffixes, generation=lock.output("version")),
        data={"lock.txt": lock.output("lock"), "install.py": _script("install.py")},
        immutable=True,
    )
    return Environment(python_image(build, version), named(held), lock.output("version"))


def leave(build: Build, made: Environment | None) -> None:
    """Said by the builder of an environment: what it is in a pod; None for an image that is complete."""
    build.shared.setdefault(_KEY, {})[build.name] = made


def of_name(build: Build, name: str) -> tuple[Any, Environment | None]:
    """The image of an environment of the spec, and what is installed beside it."""
    image = build.outputs("environments", name)["image"]
    made: Mapping[str, Environment | None] = build.shared[_KEY]
    found = made[name]
    return (found.image, found) if found is not None else (image, None)


def listed(build: Build) -> Any:
    """What the spec's environment asks for. Raises UsageError with all that is wrong with its files."""
    found = locks.of_spec(build.spec, build.root)
    if found.faults:
        message, remedy = found.told()
        raise UsageError(message, code="not-a-requirement", remedy=remedy)
    return found


def _script(name: str) -> str:
    return files("mlstack_kubernetes.container").joinpath(name).read_text(encoding="utf-8")
