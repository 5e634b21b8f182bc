"""Where the requests that deployments capture are: on the stack's volume, below ``captures/``.

mlstack's own server writes them (`mlstack_serving.capturing`), as there is no gateway of mlstack's before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_kubernetes.paths import Held
from mlstack_kubernetes.place import place
from mlstack_kubernetes.pods import Mount

#: In pods that write them, and in those that read them.
AT = "/mnt/captures"


@dataclass(frozen=True)
class Kept:
    """What a pod needs to capture: variables, and where it writes to."""

    env: dict[str, Any] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()


def of(build: Build, name: str, spec: Deployment) -> Kept:
    """Of a deployment of mlstack's own server."""
    capture = spec.capture
    if capture is None:
        return Kept()
    env = {
        "MLSTACK_CAPTURE": AT,
        "MLSTACK_DEPLOYMENT": name,
        "MLSTACK_CAPTURE_SAMPLE": str(float(capture.sample)),
    }
    if capture.rotate is not None:
        env["MLSTACK_CAPTURE_ROTATE"] = str(float(capture.rotate))
    if capture.keep is not None:
        env["MLSTACK_CAPTURE_KEEP"] = str(float(capture.keep))
    return Kept(env, (Mount(folder(build, build.name, name), AT, writable=True),))


def folder(build: Build, endpoint: str, *deployment: str) -> Held:
    return Held(place(build).claim, "/".join(("captures", endpoint, *deployment)))
