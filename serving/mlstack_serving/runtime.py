"""The state of one server: settings, the model once it is loaded, worker threads, metrics."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mlstack_serving import flavors, manifest
from mlstack_serving.config import Config
from mlstack_serving.errors import LoadError, NotReady, StartError
from mlstack_serving.metrics import Metrics
from mlstack_serving.model import Model
from mlstack_serving.pool import Pool

log = logging.getLogger("mlstack_serving")


class Runtime:
    """``failure`` is set when the model could not be loaded; ``loaded`` is None until it is."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.metrics = Metrics()
        self.pool = Pool(config.concurrency, config.queue)
        self.loaded: Model | None = None
        self.failure: StartError | None = None
        self._loader: threading.Thread | None = None

    @property
    def model(self) -> Model:
        """The model; NotReady while it is loading."""
        if self.loaded is None:
            raise NotReady(f"model {self.config.name!r} is loading", None, {"retry-after": "1"})
        return self.loaded

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
            self.loaded = load(self.config)
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
    if config.model is not None and Path(config.model).exists():
        manifest.verify(Path(config.model), config.sha256)
    elif config.sha256 is not None:
        raise LoadError(f"there is no model at {config.model} to compare with --sha256")
    return flavors.load(config)
