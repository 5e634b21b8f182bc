"""A server in an image (``server: {container: …}`` or ``{vllm: …}``) as Vertex AI starts it.

All of its paths are passed on, below ``…/invoke`` of the endpoint. Vertex AI takes images from Google's
registries alone: another one is brought into the stack's own by Cloud Build.

Source: ModelContainerSpec of google.cloud.aiplatform.v1 (image_uri, invoke_route_prefix), and Vertex AI,
"Use a custom container for inference".
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from mlstack.lowering import vllm
from mlstack.provider import Build
from mlstack.spec import Deployment, InlineModel
from mlstack_gcp import images, uploads
from mlstack_gcp.registered import Container
from mlstack_gcp.values import lift

EVERY_PATH = "/*"
_GOOGLES = re.compile(r"([a-z0-9-]+-docker\.pkg\.dev|([a-z]+\.)?gcr\.io)/")
_MODEL = "/tmp/model"  # noqa: S108  in a container of its own
#: The model's files, to where vLLM reads them: it wants the folder with config.json.
_FETCH = (
    f"python3 -c 'import fsspec, os; "
    'files = os.environ["AIP_STORAGE_URI"].rstrip("/") + "/"; '
    f'fsspec.filesystem("gs").get(files, "{_MODEL}", recursive=True)\''
    f' && m={_MODEL}; while [ ! -f "$m/config.json" ] && [ "$(ls -A "$m" | wc -l)" = 1 ]; '
    'do m="$m/$(ls -A "$m")"; done; '
)


def of(build: Build, name: str, spec: Deployment, uri: Callable[[], Any]) -> tuple[Container, Any]:
    """The container, and ``gs://`` folder of the model that it is given. ``uri`` makes that."""
    server = spec.server
    assert server is not None
    if server.vllm is not None:
        return _vllm(build, name, spec, server.vllm, uri)
    given = server.container
    assert given is not None
    made = Container(
        _image(build, name, given.image),
        health=given.health,
        port=given.port,
        command=tuple(given.command or ()),
        invoke=EVERY_PATH,
    )
    return made, uri()


def _vllm(
    build: Build, name: str, spec: Deployment, settings: dict[str, Any], uri: Callable[[], Any]
) -> tuple[Container, Any]:
    hub = _hub(build, spec)
    if hub is None:
        image = _built(build, name, f"FROM {vllm.IMAGE}\nRUN pip install --no-cache-dir gcsfs\n")
        line = _FETCH + " ".join(["exec", *vllm.words('"$m"', settings)])
    else:
        image = _built(build, name, f"FROM {vllm.IMAGE}\n")
        line = " ".join(["exec", *vllm.words(shlex.quote(hub[0]), settings, revision=hub[1])])
    several = int(settings.get("tensor_parallel_size") or 1) > 1
    made = Container(
        image,
        health="/health",
        port=vllm.PORT,
        # a container's command expands $(NAME) by itself, which $$ prevents
        command=("/bin/sh", "-c", line.replace("$(", "$$(")),
        invoke=EVERY_PATH,
        shared_memory_mb=16_384 if several else None,
    )
    return made, None if hub is not None else uri()


def _hub(build: Build, spec: Deployment) -> tuple[str, str | None] | None:
    """Id and revision on the hub of a model that the server fetches itself."""
    if spec.model is None:
        return None
    found = spec.model if isinstance(spec.model, InlineModel) else build.spec_of("models", spec.model)
    return (found.hub, found.revision) if isinstance(found.hub, str) else None


def _image(build: Build, name: str, image: Any) -> Any:
    if isinstance(image, str) and _GOOGLES.match(image):
        return image
    return _built(build, name, lift(image, lambda text: f"FROM {text}\n"))


def _built(build: Build, name: str, dockerfile: Any) -> Any:
    context = uploads.upload_texts(build, {"Dockerfile": dockerfile}, name, "context", pack=True)
    return images.build_image(build, context, (name,))
