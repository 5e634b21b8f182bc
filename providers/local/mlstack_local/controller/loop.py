"""Look at the endpoint, and let each deployment take its next step."""

from __future__ import annotations

import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from mlstack.resource import ResourceFailed
from mlstack_local.controller.keeper import Keeper
from mlstack_local.controller.sight import Sight
from mlstack_local.deployments import control, note
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout

_POLL = 0.2
_AFTER_FAILURE = 5.0
_STEPS, _QUESTIONS = 8, 32


class Controller:
    """``folder`` is the endpoint's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._layout = Layout(folder.parents[4], folder.parents[1].name)
        self._steps = ThreadPoolExecutor(_STEPS, "step")
        self._questions = ThreadPoolExecutor(_QUESTIONS, "question")
        self._keepers: dict[str, Keeper] = {}
        self._running: dict[str, Future[None]] = {}

    def run(self) -> None:
        while True:
            self._look()
            time.sleep(_POLL)

    def _look(self) -> None:
        config = configs.read(self._folder)
        if config is None:
            return
        found = control.controlled(self._layout, config)
        for name in self._keepers.keys() - found.keys():
            del self._keepers[name]
        if not found:
            return
        sight = Sight.of(time.monotonic(), config)
        for name, made in found.items():
            keeper = self._keepers.get(name)
            if keeper is None:
                keeper = self._keepers[name] = Keeper(self._layout, name, self._questions)
            running = self._running.get(name)
            if running is None or running.done():
                self._running[name] = self._steps.submit(_step, keeper, sight, made)


def _step(keeper: Keeper, sight: Sight, made: note.Made) -> None:
    try:
        keeper.step(sight, made)
    except Exception as error:  # told of, and tried again
        cause = f"{error.message} ({error.remedy})" if isinstance(error, ResourceFailed) else None
        print(cause or traceback.format_exc(), flush=True)
        time.sleep(_AFTER_FAILURE)
