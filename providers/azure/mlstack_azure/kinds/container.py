"""A server in an image (``server: {container: …}`` or ``{vllm: …}``): the environment that names its routes.

A deployment of Azure ML has no command of its own: where the spec has one, an image is built on the given
one. Source: Azure ML, "Use a custom container to deploy a model" (``inference_config``), and the YAML
reference of environments.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering import vllm
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import STACK_TAG, Build
from mlstack.spec import Deployment
from mlstack_azure.kinds.served import NEW_FIRST
from mlstack_azure.names import physical
from mlstack_azure.place import place

#: Azure puts a model's folder into folders of its own, and vLLM wants the one with config.json.
_MODEL = (
    'm="$AZUREML_MODEL_DIR"; while [ ! -f "$m/config.json" ] && [ "$(ls -A "$m" | wc -l)" = 1 ]; '
    'do m="$m/$(ls -A "$m")"; done; '
)


def environment(build: Build, name: str, spec: Deployment, hub: tuple[str, str | None] | None) -> Any:
    """Id of the environment. ``hub``: id and revision of the model that vLLM fetches itself."""
    assert spec.server is not None
    probes = spec.probes
    ready = probes.ready.path if probes and probes.ready else None
    live = probes.live.path if probes and probes.live else None
    if spec.server.vllm is not None:
        routes = (live or "/health", ready or "/health", "/v1/chat/completions")
        dockerfile = f"FROM {vllm.IMAGE}\n{_run(_vllm_command(spec, hub))}"
        return _built(build, name, {"Dockerfile": dockerfile}, routes, vllm.PORT)
    container = spec.server.container
    assert container is not None
    routes = (live or container.health, ready or container.health, "/")
    if container.command is None:
        return _of_image(build, name, container.image, routes, container.port)
    if not isinstance(container.image, str):
        raise UsageError(
            f"endpoints.{build.name}.deployments.{name}.server.container.image is known only when the "
            "program runs, and an image is to be built on it, for the command",
            code="not-text",
            remedy="leave out command and have it in the image, or give the image as text",
        )
    dockerfile = f"FROM {container.image}\nENTRYPOINT []\nCMD {json.dumps(container.command)}\n"
    return _built(build, name, {"Dockerfile": dockerfile}, routes, container.port)


def _vllm_command(spec: Deployment, hub: tuple[str, str | None] | None) -> str:
    assert spec.server is not None
    name, revision = (shlex.quote(hub[0]), hub[1]) if hub is not None else ('"$m"', None)
    words = vllm.words(name, spec.server.vllm or {}, revision=revision)
    return ("" if hub is not None else _MODEL) + " ".join(["exec", *words])


def _run(command: str) -> str:
    return f"ENTRYPOINT []\nCMD {json.dumps(['/bin/sh', '-c', command])}\n"


def _of_image(build: Build, name: str, image: Any, routes: tuple[str, str, str], port: int) -> Any:
    from mlstack_azure.kinds.environment import Routes, image_environment

    live, ready, score = routes
    return image_environment(
        build, name, image=image, routes=Routes(port=port, live=live, ready=ready, score=score)
    )


def _built(build: Build, name: str, texts: dict[str, str], routes: tuple[str, str, str], port: int) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    digest = version_of_texts(texts)
    context = GapResource(
        "mlstack:azure:Upload",
        build.child(name, "context"),
        {
            "stack_uid": build.stack_uid,
            "home": f"endpoints/{build.name}/{name}/context",
            "workspace_id": where.workspace_id,
            "texts": texts,
            "digest": digest,
        },
        ("uri", "url"),
        build.opts(),
    )
    live, ready, score = (ml.RouteArgs(path=path, port=port) for path in routes)
    made = build.make(
        ml.EnvironmentVersion,
        name,
        "image",
        options=NEW_FIRST,
        name=physical(build, name, longest=64),
        version=fingerprint(digest, *routes, str(port)),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.EnvironmentVersionPropertiesArgs(
            build=ml.BuildContextArgs(
                context_uri=pulumi.Output.concat(context.output("url"), "/"), dockerfile_path="Dockerfile"
            ),
            inference_config=ml.InferenceContainerPropertiesArgs(
                liveness_route=live, readiness_route=ready, scoring_route=score
            ),
            os_type="Linux",
            tags={STACK_TAG: build.stack_uid},
        ),
    )
    return pulumi.Output.from_input(made.id)
