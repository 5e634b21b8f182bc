"""The Open Inference Protocol, version 2, over REST."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import mlstack_serving
from mlstack_serving import codec, results, tensors
from mlstack_serving.call import Call
from mlstack_serving.contracts import health
from mlstack_serving.contracts.route import Contract, Route
from mlstack_serving.contracts.rows import predict
from mlstack_serving.errors import BadInput
from mlstack_serving.http import JSON, Answer, Request, answer
from mlstack_serving.model import Model

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def server_metadata(runtime: Runtime, request: Request) -> Answer:
    return answer({"name": "mlstack_serving", "version": mlstack_serving.__version__, "extensions": []})


async def model_metadata(runtime: Runtime, request: Request) -> Answer:
    model, version = runtime.model, runtime.config.model_version
    parameters = dict(model.parameters)
    if model.columns:
        parameters["columns"] = list(model.columns)
    return answer(
        {
            "name": runtime.config.name,
            "versions": [] if version is None else [version],
            "platform": model.platform,
            "inputs": [item.as_json() for item in model.inputs],
            "outputs": [item.as_json() for item in model.outputs],
            "parameters": parameters,
        }
    )


async def infer(runtime: Runtime, request: Request) -> Answer:
    model = runtime.model
    if model.raw is not None:
        return await runtime.run_raw(model.raw, request)
    request.accept(JSON)
    body = await request.body(runtime.config.max_body, runtime.config.read_timeout)
    head = {"model_name": runtime.config.name}
    if runtime.config.model_version is not None:
        head["model_version"] = runtime.config.model_version
    return await runtime.predict(partial(_read, model, head, body), body)


def _read(model: Model, head: dict[str, Any], body: bytes) -> Call:
    message = codec.loads(body)
    if not isinstance(message, dict):
        raise BadInput("must be an object with inputs", "body")
    if not isinstance(message.get("parameters") or {}, dict):
        raise BadInput("must be an object", "parameters")
    if "id" in message:
        if not isinstance(message["id"], str):
            raise BadInput("must be a text", "id")
        head["id"] = message["id"]
    batch = tensors.read_inputs(message.get("inputs"))
    wanted = _wanted(message.get("outputs"), [item.name for item in model.outputs])
    return Call(model, model.signature.read(batch), tuple(wanted), partial(_write, head, wanted))


def _write(head: dict[str, Any], wanted: list[str], result: Any) -> Answer:
    outputs = results.named(result)
    _known(wanted, list(outputs))
    names = wanted or list(outputs)
    head["outputs"] = [tensors.write_output(name, outputs[name]) for name in names]
    return answer(head)


def _wanted(outputs: Any, known: list[str]) -> list[str]:
    """The outputs that the caller asks for, all of them ``known`` (empty: not told beforehand)."""
    if outputs is None:
        return []
    if not isinstance(outputs, list):
        raise BadInput("must be a list of objects with a name", "outputs")
    names = []
    for index, item in enumerate(outputs):
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise BadInput("must be a text", f"outputs[{index}].name")
        names.append(item["name"])
    if known:
        _known(names, known)
    return names


def _known(names: list[str], known: list[str]) -> None:
    for index, name in enumerate(names):
        if name not in known:
            raise BadInput(f"{name!r} is not an output; one of {', '.join(known)}", f"outputs[{index}].name")


def _defaults(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {}


_VERSION = "/v2/models/{model}/versions/{version}"
PROTOCOL = (
    Route("POST", "/v2/models/{model}/infer", infer, "Predict for tensors", "tensors"),
    Route("GET", "/v2/health/live", health.live, "Whether the server lives"),
    Route("GET", "/v2/health/ready", health.ready, "Whether the model is ready"),
    Route("GET", "/v2", server_metadata, "Name and version of the server"),
    Route("GET", "/v2/models/{model}", model_metadata, "Inputs and outputs of the model"),
    Route("GET", "/v2/models/{model}/ready", health.model_ready, "Whether the model is ready"),
    Route("POST", f"{_VERSION}/infer", infer, "Predict for tensors, by this version", "tensors"),
    Route("GET", _VERSION, model_metadata, "Inputs and outputs of this version"),
    Route("GET", f"{_VERSION}/ready", health.model_ready, "Whether this version is ready"),
)

CONTRACT = Contract(
    (
        *PROTOCOL,
        Route("POST", "/", predict, "Predict for rows", "rows"),
        Route("POST", "/predict", predict, "Predict for rows", "rows"),
    ),
    _defaults,
)
