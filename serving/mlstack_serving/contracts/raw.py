"""Scripts that read the body themselves (``run(raw_data)``): text in, their own JSON out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlstack_serving.errors import BadInput
from mlstack_serving.http import Answer, Request, answer
from mlstack_serving.runtime import Runtime


async def run_raw(runtime: Runtime, request: Request, run: Callable[[str], Any]) -> Answer:
    body = await request.body(runtime.config.max_body)
    made: Answer = await runtime.pool.run(_run, run, body)
    return made


def _run(run: Callable[[str], Any], body: bytes) -> Answer:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"the body is not UTF-8: {error}", "body") from None
    return answer(run(text))
