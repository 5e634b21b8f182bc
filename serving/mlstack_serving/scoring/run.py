"""A run: mini-batches to workers, those that fail in halves, results committed in the input's order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlstack_serving.errors import UsageError
from mlstack_serving.scoring.errors import InputError, TooManyFailed
from mlstack_serving.scoring.formats import PREDICTION, Items
from mlstack_serving.scoring.output import Output
from mlstack_serving.scoring.settings import Settings
from mlstack_serving.scoring.sources import Source, find
from mlstack_serving.scoring.workers import Answer, Workers

_TRACEBACKS = 3
_LINE_SECONDS = 5.0
_NOTE_SECONDS = 0.2
#: Platforms that know what to do with the path of a file.
_TAKE_FILES = ("script",)


@dataclass
class MiniBatch:
    """One mini-batch under way. ``first`` is the number of its first row in the source."""

    source: int
    first: int
    chunk: Sequence[Any]
    items: Items
    count: int
    predictions: dict[int, Any] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return len(self.predictions) + len(self.errors) == self.count


@dataclass(frozen=True)
class Span:
    """Readable items ``start`` to ``end`` of a mini-batch: what one call is given."""

    batch: MiniBatch
    start: int
    end: int

    @property
    def tensors(self) -> dict[str, Any]:
        return {name: values[self.start : self.end] for name, values in self.batch.items.tensors.items()}

    def halves(self) -> tuple[Span, Span]:
        middle = (self.start + self.end) // 2
        return Span(self.batch, self.start, middle), Span(self.batch, middle, self.end)


def score(settings: Settings) -> None:
    """Score all that is not scored yet; StartError says why the run has failed."""
    if settings.data.is_dir() and settings.output.resolve().is_relative_to(settings.data.resolve()):
        raise UsageError(f"the output folder {settings.output} is within the data: name one beside them")
    output = Output(settings.output)
    manifest = output.claim(_identity(settings))
    if manifest["state"] == "finished":
        output.tidy()
        print("all was scored before", flush=True)
        return
    workers: Workers[Span] = Workers(settings.model, settings.replicas, settings.timeout)
    try:
        workers.start()
        sources = _sources(settings, output, manifest, workers.facts)
        output.load()
        Run(settings, sources, output, workers).work()
    finally:
        workers.stop()


def _identity(settings: Settings) -> dict[str, Any]:
    """What may not change while a run goes on; the content of data and model is looked at elsewhere."""
    return {
        "run": settings.run,
        "data": str(settings.data),
        "mini-batch": settings.mini_batch,
        "columns": [list(settings.features), list(settings.ignore)],
        "model": settings.model.model,
        "code": settings.model.code,
    }


def _sources(
    settings: Settings, output: Output, manifest: dict[str, Any], facts: dict[str, Any]
) -> list[Source]:
    if manifest["state"] == "planned":
        print(f"reading {settings.data}", flush=True)
        sources = find(settings.data, [*(facts["columns"] or ()), *settings.features, *settings.ignore])
        for source in sources:
            _fits(source, settings, facts)
        output.plan(manifest, sources)
        manifest.update(sources=[source.as_json() for source in sources])
        return sources
    sources = [Source.from_json(value) for value in manifest["sources"]]
    _unchanged(sources)
    return sources


def _unchanged(sources: Sequence[Source]) -> None:
    for source in sources:
        if not source.is_same():
            raise InputError(
                f"{source.name or source.path} has changed since the run began: start another run, "
                "or bring the data back as they were"
            )


def _fits(source: Source, settings: Settings, facts: dict[str, Any]) -> None:
    """InputError where no row of the source could be scored."""
    place = source.name or str(source.path)
    if source.form == "files" and facts["platform"] not in _TAKE_FILES:
        raise InputError(
            f"{place} holds no tables, and a {facts['platform']} model takes rows: give csv, jsonl or "
            "parquet files, or code of your own, whose run() is handed the files' paths"
        )
    if source.scan.columns is None:
        return
    if PREDICTION in source.scan.columns:
        raise InputError(f"{place} has a column {PREDICTION!r} already, which is to be written: rename it")
    wanted = facts["columns"] or wanted_columns(source, settings, None)
    needed = [name for name in wanted or () if name not in facts["optional"]]
    if missing := [name for name in needed if name not in source.scan.columns]:
        raise InputError(f"{place} lacks columns of the model: {', '.join(map(repr, missing))}")
    width = facts["width"]
    if facts["columns"] is None and width is not None and wanted is not None and len(wanted) != width:
        raise InputError(
            f"{place} has {len(wanted)} columns for the model, which takes {width}: say which are features "
            "(--feature) or which are not (--ignore)"
        )


def wanted_columns(source: Source, settings: Settings, known: Sequence[str] | None) -> list[str] | None:
    """The columns that the model is given, in order; None where items have no names."""
    if source.scan.columns is None:
        return None
    if known is not None:
        return [name for name in known if name in source.scan.columns]
    if settings.features:
        return list(settings.features)
    return [name for name in source.scan.columns if name not in settings.ignore]


class Run:
    """``window`` keeps mini-batches that wait for an earlier one, so that memory is bounded."""

    def __init__(
        self, settings: Settings, sources: Sequence[Source], output: Output, workers: Workers[Span]
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._output = output
        self._workers = workers
        self._window: deque[MiniBatch] = deque()
        self._spans: deque[Span] = deque()
        self._total = sum(source.scan.rows for source in sources)
        self._before = output.committed.rows
        self._started = self._line = self._noted = time.monotonic()
        self._shown = 0

    def work(self) -> None:
        settings = self._settings
        if self._before:
            print(f"going on after {self._before} of {self._total} rows", flush=True)
        self._tell()
        self._heed_limit()
        left = self._total - self._before
        self._workers.more(-(-left // settings.mini_batch))
        batches = self._batches()
        most = 2 * settings.replicas
        while True:
            while len(self._window) < most and (batch := next(batches, None)) is not None:
                self._window.append(batch)
                if batch.items.places:
                    self._spans.append(Span(batch, 0, len(batch.items.places)))
            self._commit()
            if not self._window:
                break
            while self._spans and self._workers.idle:
                span = self._spans.popleft()
                self._workers.give(span, span.tensors, span.batch.items)
            if not self._window[0].finished:
                for answer in self._workers.answers():
                    self._take(answer)
        self._finish()

    def _batches(self) -> Iterator[MiniBatch]:
        """Those that are not committed, in order. Those that are have to be read, not to be understood."""
        skip = self._output.committed.batches
        known, typed = self._workers.facts["columns"], self._workers.facts["typed"]
        for number, source in enumerate(self._sources):
            wanted = wanted_columns(source, self._settings, known)
            first = 1
            for chunk in source.format.chunks(source.path, source.scan, self._settings.mini_batch):
                count = len(chunk)
                if skip:
                    skip -= 1
                else:
                    items = source.format.items(chunk, source.scan, wanted, typed)
                    batch = MiniBatch(number, first, chunk, items, count)
                    batch.errors.update(items.broken)
                    yield batch
                first += count

    def _take(self, answer: Answer[Span]) -> None:
        span = answer.task
        places = span.batch.items.places[span.start : span.end]
        if answer.predictions is not None:
            span.batch.predictions.update(zip(places, answer.predictions))
        elif len(places) > 1:
            self._spans.extendleft(reversed(span.halves()))
        else:
            span.batch.errors[places[0]] = answer.error
            if answer.traceback and self._shown < _TRACEBACKS:
                self._shown += 1
                print(answer.traceback, flush=True)

    def _commit(self) -> None:
        while self._window and self._window[0].finished:
            batch = self._window.popleft()
            source = self._sources[batch.source]
            named = len(self._sources) > 1 or source.form == "files"
            errors = [
                {**self._where(source, batch, place, named), "error": error}
                for place, error in sorted(batch.errors.items())
            ]
            part = source.format.part(batch.chunk, batch.predictions)
            self._output.commit(batch.source, part, batch.count, errors)
            self._tell()
            self._heed_limit()

    def _where(self, source: Source, batch: MiniBatch, place: int, named: bool) -> dict[str, Any]:
        if source.form == "files":
            return {"file": batch.chunk[place][0]}
        row = {"row": batch.first + place}
        return {"file": source.name, **row} if named else row

    def _heed_limit(self) -> None:
        failed, limit = self._output.committed.failed, self._settings.max_errors
        if limit is not None and failed > limit:
            self._tell(last=True)
            raise TooManyFailed(f"{failed} failed, and {limit} may: {self._last_error()}")

    def _finish(self) -> None:
        done = self._output.committed
        _unchanged(self._sources)
        self._tell(last=True)
        if done.rows and done.failed == done.rows:
            raise TooManyFailed(f"all {done.rows} failed: {self._last_error()}")
        seconds = time.monotonic() - self._started
        metrics = {
            "rows": done.rows,
            "scored": done.rows - done.failed,
            "failed": done.failed,
            "seconds": round(seconds, 3),
            "rows_per_second": round(self._rate(), 1),
        }
        manifest = self._output.claim(_identity(self._settings))
        self._output.finish(manifest, self._sources, metrics)

    def _last_error(self) -> str:
        error = self._output.last_error()
        place = ", ".join(f"{key} {value}" for key, value in error.items() if key != "error")
        return f"the last is {place}: {error['error']}"

    def _rate(self) -> float:
        seconds = time.monotonic() - self._started
        return (self._output.committed.rows - self._before) / seconds if seconds > 0 else 0.0

    def _tell(self, *, last: bool = False) -> None:
        """A line in the log now and then; a file for who draws a bar oftener."""
        now, done, rate = time.monotonic(), self._output.committed, self._rate()
        if last or now - self._noted >= _NOTE_SECONDS or done.rows == self._before:
            self._noted = now
            facts = {"rows": done.rows, "of": self._total, "failed": done.failed, "rate": round(rate, 1)}
            self._output.progress(facts)
        if last or now - self._line >= _LINE_SECONDS:
            self._line = now
            print(
                f"scored {done.rows} of {self._total} rows, {done.failed} failed, {rate:.0f} rows/s",
                flush=True,
            )
