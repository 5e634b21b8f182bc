"""A random part of captured requests, taken as they are read, in a memory that is bounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlstack_local.captures.schema import SCHEMA

#: Requests that a reading looks at, and bytes of their bodies; of more, a random part.
LIMIT = 20_000
BYTES = 64 << 20


@dataclass(frozen=True)
class _Piece:
    rows: pa.RecordBatch
    draws: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.int64]


class Sample:
    """Each row draws a number, and the rows of the lowest numbers stay: as many as fit.

    So rows are chosen by chance alone, whatever their size. The draws are the same every time, so that a
    reading of the same rows is the same.
    """

    def __init__(self, limit: int = LIMIT, size: int = BYTES) -> None:
        self._limit = limit
        self._size = size
        self._random = np.random.default_rng(0)
        self._below = 1.0
        self._pieces: list[_Piece] = []

    @property
    def held(self) -> tuple[int, int]:
        """Rows and bytes of bodies in memory: at most twice what the sample may have, and one batch."""
        rows = sum(piece.rows.num_rows for piece in self._pieces)
        return rows, int(sum(piece.sizes.sum() for piece in self._pieces))

    def add(self, batch: pa.RecordBatch) -> None:
        draws = self._random.random(batch.num_rows)
        self._pieces.append(_kept(_Piece(batch, draws, _sizes(batch)), self._below))
        rows, size = self.held
        if rows > 2 * self._limit or size > 2 * self._size:
            self._shrink()

    def table(self) -> pa.Table:
        """The sample, by the schema of captures."""
        self._shrink()
        return pa.Table.from_batches([piece.rows for piece in self._pieces], SCHEMA)

    def _shrink(self) -> None:
        """Lower the bar until what is below it fits. One row is left, however large."""
        if not self._pieces:
            return
        draws = np.concatenate([piece.draws for piece in self._pieces])
        sizes = np.concatenate([piece.sizes for piece in self._pieces])
        order = np.argsort(draws)
        fit = int(np.searchsorted(np.cumsum(sizes[order]), self._size, side="right"))
        fit = max(1, min(fit, self._limit))
        if fit < len(order):
            self._below = float(draws[order[fit]])
            shrunk = [_kept(piece, self._below) for piece in self._pieces]
            self._pieces = [piece for piece in shrunk if piece.rows.num_rows]


def _kept(piece: _Piece, below: float) -> _Piece:
    """The rows of draws under the bar, as a copy: a view would keep the whole batch in memory."""
    chosen = piece.draws < below
    if chosen.all():
        return piece
    return _Piece(piece.rows.filter(pa.array(chosen)), piece.draws[chosen], piece.sizes[chosen])


def _sizes(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    sizes = np.zeros(batch.num_rows, np.int64)
    for name in ("request", "response"):
        sizes += pc.binary_length(batch[name]).to_numpy()
    return sizes
