"""Whether the server lives, and whether its model is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack_serving.http import Answer, Request, answer

if TYPE_CHECKING:
    from mlstack_serving.runtime import Runtime


async def live(runtime: Runtime, request: Request) -> Answer:
    return answer({"live": True})


async def ready(runtime: Runtime, request: Request) -> Answer:
    """503 until the model is loaded."""
    is_ready = runtime.loaded is not None
    return answer({"ready": is_ready}, 200 if is_ready else 503)


async def model_ready(runtime: Runtime, request: Request) -> Answer:
    is_ready = runtime.loaded is not None
    return answer({"name": runtime.config.name, "ready": is_ready}, 200 if is_ready else 503)
