"""``{"instances": [...]}`` or CSV in, ``{"predictions": [...]}`` out."""

from __future__ import annotations

from mlstack_serving import codec, results, tables
from mlstack_serving.batch import from_instances
from mlstack_serving.contracts.raw import run_raw
from mlstack_serving.contracts.route import Route
from mlstack_serving.errors import BadInput
from mlstack_serving.http import CSV, JSON, Answer, Request, answer
from mlstack_serving.model import Model
from mlstack_serving.runtime import Runtime


async def predict(runtime: Runtime, request: Request) -> Answer:
    model = runtime.model
    if model.raw is not None:
        return await run_raw(runtime, request, model.raw)
    kind = request.accept(JSON, CSV)
    body = await request.body(runtime.config.max_body)
    made: Answer = await runtime.pool.run(_predict, model, kind, body, request.parameter("header"))
    return made


def _predict(model: Model, kind: str, body: bytes, header: str | None) -> Answer:
    if kind == CSV:
        batch = tables.from_csv(body, model.columns, header)
    else:
        message = codec.loads(body)
        if not isinstance(message, dict) or "instances" not in message:
            raise BadInput('must be an object: {"instances": [...]}', "instances")
        batch = from_instances(message["instances"])
    return answer({"predictions": results.rows(model.predict(batch, ()))})


ROUTES = (
    Route("POST", "/", predict),
    Route("POST", "/predict", predict),
)
