"""Rows in, one prediction for each out: ``{"instances": [...]}`` and its kin, CSV or an npy array."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mlstack_serving import forms, npy, results, tables
from mlstack_serving.batch import np
from mlstack_serving.call import Call
from mlstack_serving.codec import loads
from mlstack_serving.http import CSV, JSON, NPY, Answer, Request, answer
from mlstack_serving.model import Model

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def predict(runtime: Runtime, request: Request) -> Answer:
    """``{"predictions": [...]}``, or CSV or npy where the caller accepts only that."""
    model = runtime.model
    if model.raw is not None:
        return await runtime.run_raw(model.raw, request)
    given = request.accept(JSON, CSV, NPY)
    wanted = request.accepted(JSON, CSV, NPY)
    body = await request.body(runtime.config.max_body, runtime.config.read_timeout)
    return await runtime.predict(
        partial(_read, model, given, wanted, body, request.parameter("header")), body
    )


def _read(model: Model, given: str, wanted: str, body: bytes, header: str | None) -> Call:
    if given == CSV:
        batch = tables.from_csv(body, model.columns, header, typed=model.signature.typed or np is None)
    elif given == NPY:
        batch = npy.read(body)
    else:
        batch = forms.read(loads(body), model.signature.optional)
    return Call(model, model.signature.read(batch), (), _WRITERS[wanted])


def _write_json(result: Any) -> Answer:
    return answer({"predictions": results.rows(result)})


def _write_csv(result: Any) -> Answer:
    return Answer(200, tables.to_csv(results.rows(result)), f"{CSV}; charset=utf-8")


def _write_npy(result: Any) -> Answer:
    return Answer(200, npy.write(results.rows(result)), NPY)


_WRITERS = {JSON: _write_json, CSV: _write_csv, NPY: _write_npy}
