"""A server in an image (``server: {container: …}`` or ``{vllm: …}``), behind SageMaker's two routes.

SageMaker starts an image with the one argument ``serve``, and asks ``GET /ping`` and ``POST /invocations`` on
port 8080. vLLM's own server knows both (vllm-project/vllm, ``entrypoints/openai/api_server.py``). An image
that listens elsewhere, or has a command, is built anew with Caddy in front of it: a single static program, so
that nothing else is asked of the image but a shell.

Source: SageMaker's developer guide, "Custom inference code with hosting services".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from mlstack.lowering import staging, vllm
from mlstack.provider import Build
from mlstack.spec import Deployment, is_deferred
from mlstack.spec.deployment import Container
from mlstack_aws import dockerfiles, images
from mlstack_aws.errors import deferred

PORT, PING, INVOKE = 8080, "/ping", "/invocations"
CADDY = "caddy:2.8.4"
_MODEL = "/opt/ml/model"


def image(build: Build, name: str, spec: Deployment, hub: tuple[str, str | None] | None) -> Any:
    """The image to serve from. ``hub``: id and revision of the model that vLLM fetches itself."""
    assert spec.server is not None
    if spec.server.vllm is not None:
        return _built(build, name, {"Dockerfile": _vllm(spec, hub)})
    given = spec.server.container
    assert given is not None
    if speaks(given) and (is_deferred(given.image) or dockerfiles.in_ecr(str(given.image))):
        return given.image
    if is_deferred(given.image):
        raise deferred(
            build,
            f"deployments.{name}.server.container.image",
            f"give it as text, for another is built on it; or have it answer on port {PORT} by itself, "
            f"with health: {PING}, and leave out command",
        )
    texts = dockerfiles.copy_of(str(given.image)) if speaks(given) else _behind(given, build.name)
    return _built(build, name, texts)


def _built(build: Build, name: str, texts: Mapping[str, str]) -> Any:
    """SageMaker takes images of ECR alone: each is built into the stack's own registry."""
    folder = staging.folder(build, "aws", name, "image", files=texts)
    return images.built(build, folder, name, ours=True)


def speaks(given: Container) -> bool:
    """Whether the image is said to speak SageMaker's contract by itself."""
    return given.command is None and given.port == PORT and given.health == PING


def _vllm(spec: Deployment, hub: tuple[str, str | None] | None) -> str:
    assert spec.server is not None
    name, revision = (shlex.quote(hub[0]), hub[1]) if hub is not None else (_MODEL, None)
    words = vllm.words(name, spec.server.vllm or {}, revision=revision, port=PORT)
    command = ["/bin/sh", "-c", " ".join(["exec", *words])]
    # SageMaker's argument becomes the shell's $0
    return f"FROM {vllm.IMAGE}\nENTRYPOINT {json.dumps(command)}\nCMD []\n"


def _behind(given: Container, model: str) -> dict[str, str]:
    command = " ".join(shlex.quote(word) for word in given.command or ())
    start = f"caddy run --config /etc/mlstack/Caddyfile & exec {command}"
    return {
        "Dockerfile": f"FROM {CADDY} AS caddy\nFROM {given.image}\n"
        "COPY --from=caddy /usr/bin/caddy /usr/local/bin/caddy\n"
        "COPY Caddyfile /etc/mlstack/Caddyfile\n"
        f"ENTRYPOINT {json.dumps(['/bin/sh', '-c', start])}\nCMD []\n",
        "Caddyfile": f"{{\n\tadmin off\n}}\n:{PORT} {{\n"
        f"\thandle {PING} {{\n\t\trewrite * {given.health}\n\t\treverse_proxy 127.0.0.1:{given.port}\n\t}}\n"
        f"\thandle {INVOKE} {{\n\t\trewrite * /v2/models/{model}/infer\n"
        f"\t\treverse_proxy 127.0.0.1:{given.port}\n\t}}\n}}\n",
    }
