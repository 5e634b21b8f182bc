"""The state of one server: settings, the model once it is loaded, worker threads, metrics."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlstack_serving import fetch, flavors, manifest
from mlstack_serving.batching import Batcher
from mlstack_serving.call import Call
from mlstack_serving.config import Config
from mlstack_serving.errors import BadInput, LoadError, NotReady, StartError
from mlstack_serving.http import Answer, Request, answer
from mlstack_serving.metrics import Metrics
from mlstack_serving.model import Model
from mlstack_serving.pool import Pool, guarded
from mlstack_serving.quick import Quick

#: A body up to this size is read in the event loop, where that saves a change of threads.
_SMALL = 1 << 16

log = logging.getLogger("mlstack_serving")


class Runtime:
    """``failure`` is set when the model could not be loaded; ``loaded`` is None until it is."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.metrics = Metrics()
        self.pool = Pool(config.concurrency, config.queue, config.batch_size)
        self._batcher: Batcher | None = None
        if config.batch_size > 1:
            self._batcher = Batcher(self.pool, self.metrics, config.batch_size, config.batch_wait / 1000)
        self.loaded: Model | None = None
        self.failure: StartError | None = None
        self._quick = Quick(native=False)
        self._described: dict[str, Any] | None = None
        self._loader: threading.Thread | None = None

    @property
    def model(self) -> Model:
        """The model; NotReady while it is loading."""
        if self.loaded is None:
            raise NotReady(f"model {self.config.name!r} is loading", None, {"retry-after": "1"})
        return self.loaded

    async def predict(self, read: Callable[[], Call], body: bytes) -> Answer:
        """The answer to what ``read`` makes of the ``body``: Overloaded where there is no room for it."""
        with self.pool.place():
            if self._batcher is None:
                return await self._alone(read, len(body))
            call: Call = read() if len(body) <= _SMALL else await self.pool.run(read)
            return await self._batcher.answer(call)

    async def _alone(self, read: Callable[[], Call], size: int) -> Answer:
        made: Answer
        if self._quick.allows(size):
            started = time.thread_time()
            made, seconds = guarded(lambda: read().answer())
            self._quick.made(seconds, time.thread_time() - started)
        else:
            made, seconds = await self.pool.timed(lambda: read().answer())
            self._quick.saw(size, seconds)
        return made

    async def run_raw(self, run: Callable[[str, Mapping[str, str]], Any], request: Request) -> Answer:
        """The answer of code that reads the body itself."""
        body = await request.body(self.config.max_body, self.config.read_timeout)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()}
        with self.pool.place():
            made: Answer = await self.pool.run(_run_raw, run, body, headers)
            return made

    async def described(self) -> dict[str, Any]:
        """The server's OpenAPI document, with an example that the model was seen to answer."""
        if self._described is None:
            from mlstack_serving import openapi  # of no use to most servers

            model = self.model
            self._described = openapi.document(self.config, model, await self.pool.run(openapi.tried, model))
        return self._described

    @property
    def busy(self) -> bool:
        """Whether a thread still runs code that cannot be stopped from outside."""
        return self.pool.running > 0 or (self._loader is not None and self._loader.is_alive())

    def start_loading(self, on_failure: Callable[[], None]) -> None:
        """Load in a thread of its own, so that liveness answers meanwhile."""
        self._loader = threading.Thread(target=self._load, args=(on_failure,), name="load", daemon=True)
        self._loader.start()

    def _load(self, on_failure: Callable[[], None]) -> None:
        started = time.perf_counter()
        try:
            model = load(self.config)
            self._quick = Quick(model.native)
            self.loaded = model
        except StartError as error:
            self.failure = error
        except BaseException as error:  # a user's init() may raise anything, SystemExit too
            log.error("loading the model crashed", exc_info=error)
            self.failure = LoadError(f"the model cannot be loaded: {error!r}")
        if self.failure is not None:
            on_failure()
            return
        self.metrics.load_seconds = time.perf_counter() - started
        log.info("model %s is ready after %.2f s", self.config.name, self.metrics.load_seconds)


def load(config: Config) -> Model:
    """The model, its files checked before any of them is read as code."""
    if config.model is not None and fetch.is_uri(config.model):
        config = replace(config, model=str(fetch.local(config.model)))
    if config.code is not None and fetch.is_uri(config.code):
        config = replace(config, code=str(fetch.local(config.code)))
    if config.model is not None and Path(config.model).exists():
        manifest.verify(Path(config.model), config.sha256)
    elif config.sha256 is not None:
        raise LoadError(f"there is no model at {config.model} to compare with --sha256")
    return flavors.load(config)


def _run_raw(run: Callable[[str, Mapping[str, str]], Any], body: bytes, headers: Mapping[str, str]) -> Answer:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"the body is not UTF-8: {error}", "body") from None
    made = run(text, headers)
    if hasattr(made, "get_data") and hasattr(made, "status_code"):
        # What Azure ML's scripts may return: a response of Flask's.
        return Answer(made.status_code, made.get_data(), made.content_type or "application/octet-stream")
    return answer({} if made is None else made)
