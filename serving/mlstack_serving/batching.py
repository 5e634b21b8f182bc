"""Micro-batches: requests that arrive together are one call of the model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable, Sequence
from typing import Any, Union

from mlstack_serving import results
from mlstack_serving.batch import np
from mlstack_serving.call import Call
from mlstack_serving.http import Answer
from mlstack_serving.metrics import Metrics
from mlstack_serving.pool import Pool

log = logging.getLogger("mlstack_serving")

Outcome = Union[Answer, BaseException]


class _Group:
    """Calls of one kind that wait to go together."""

    def __init__(self, timer: asyncio.TimerHandle) -> None:
        self.timer = timer
        self.calls: list[Call] = []
        self.answers: list[asyncio.Future[Answer]] = []
        self.rows = 0
        self.sent = False


class Batcher:
    """Groups calls until they have ``size`` rows together, or the first has waited ``seconds``.

    Only calls of the same columns, types and row shapes go together. One whose rows make the model fail
    fails alone: the others of its group are then called by themselves.
    """

    def __init__(self, pool: Pool, metrics: Metrics, size: int, seconds: float) -> None:
        self._pool = pool
        self._metrics = metrics
        self._size = size
        self._seconds = seconds
        self._groups: dict[Hashable, _Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, call: Call) -> Answer:
        rows = len(call.batch)
        key = _kind(call)
        if rows >= self._size or key is None:
            self._metrics.count_batch(rows)
            alone: Answer = await self._pool.run(call.answer)
            return alone
        waiting = self._groups.get(key)
        if waiting is not None and waiting.rows + rows > self._size:
            self._send(key)
            self._groups.pop(key, None)  # it goes as it is
        loop = asyncio.get_running_loop()
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(loop.call_later(self._seconds, self._send, key))
        future: asyncio.Future[Answer] = loop.create_future()
        group.calls.append(call)
        group.answers.append(future)
        group.rows += rows
        if group.rows >= self._size:
            self._send(key)
        return await future

    def _send(self, key: Hashable) -> None:
        """Its time has come: it goes when a worker is free, and is joined until then, or until it is full."""
        group = self._groups[key]
        if group.rows >= self._size:
            del self._groups[key]
        group.timer.cancel()
        if not group.sent:
            group.sent = True
            task = asyncio.get_running_loop().create_task(self._call(key, group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _call(self, key: Hashable, group: _Group) -> None:
        async with self._pool.worker():
            if self._groups.get(key) is group:
                del self._groups[key]
            self._metrics.count_batch(group.rows)
            try:
                outcomes: list[Outcome] = (
                    await self._pool.execute(len(group.calls), _together, group.calls)
                )[0]
            except Exception as error:
                outcomes = [error] * len(group.calls)
        for future, outcome in zip(group.answers, outcomes):
            if future.done():
                continue  # its caller has gone
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


def _kind(call: Call) -> Hashable | None:
    """Equal for calls that one batch can hold; None for one that can be in none."""
    if call.batch.parameters or not call.model.signature.stacks:
        return None
    kinds: list[Hashable] = []
    for name, values in call.batch.tensors.items():
        if hasattr(values, "dtype"):
            if not values.ndim:
                return None
            kinds.append((name, str(values.dtype), values.shape[1:]))
        else:
            kinds.append((name, "list"))
    return call.batch.named, call.wanted, tuple(kinds)


def _together(calls: Sequence[Call]) -> list[Outcome]:
    """The outcome of each call, of one call of the model where that is possible."""
    if len(calls) == 1:
        return [_alone(calls[0])]
    first = calls[0]
    try:
        tensors = {
            name: _stacked([call.batch.tensors[name] for call in calls]) for name in first.batch.tensors
        }
        result = first.model.predict(first.batch.with_tensors(tensors, first.batch.named), first.wanted)
        parts = results.parted(result, [len(call.batch) for call in calls])
    except Exception as error:
        log.info("a batch of %d requests failed (%r): each is tried by itself", len(calls), error)
        parts = None
    if parts is None:
        return [_alone(call) for call in calls]
    return [_written(call, part) for call, part in zip(calls, parts)]


def _stacked(values: Sequence[Any]) -> Any:
    if hasattr(values[0], "dtype"):
        return np.concatenate(values)
    return [row for rows in values for row in rows]


def _alone(call: Call) -> Outcome:
    try:
        return call.answer()
    except Exception as error:
        return error


def _written(call: Call, part: Any) -> Outcome:
    try:
        return call.write(part)
    except Exception as error:
        return error
