"""Parquet, where the environment has pyarrow. Types are the file's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from mlstack_serving.batch import as_array
from mlstack_serving.scoring.errors import InputError
from mlstack_serving.scoring.formats import PREDICTION, Items, Scan

#: Rows in a row group of the output; mini-batches are far too small for one each.
_GROUP = 1 << 16


def scan(path: Path, hints: Sequence[str]) -> Scan:
    pa, pq = _pyarrow()
    try:
        with pq.ParquetFile(path) as file:
            return Scan(file.metadata.num_rows, list(file.schema_arrow.names))
    except pa.ArrowInvalid as error:
        raise InputError(f"{path.name} is no parquet file: {error}") from None


def chunks(path: Path, scan: Scan, size: int) -> Iterator[Any]:
    _, pq = _pyarrow()
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=size)


def items(chunk: Any, scan: Scan, wanted: Sequence[str] | None, typed: bool) -> Items:
    tensors = {name: _array(chunk.column(name)) for name in wanted or ()}
    return Items(list(range(chunk.num_rows)), tensors, True, {})


def part(chunk: Any, predictions: dict[int, Any]) -> bytes:
    pa, _ = _pyarrow()
    places = sorted(predictions)
    try:
        values = pa.array([predictions[place] for place in places])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _mixed(str(error)) from None
    table = pa.Table.from_batches([chunk]).take(pa.array(places, pa.int64()))
    table = table.append_column(PREDICTION, values)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:  # a parquet file for each would take far longer
        writer.write_table(table)
    whole: bytes = sink.getvalue().to_pybytes()
    return whole


def join(parts: Sequence[Path], path: Path, scan: Scan, target: Path) -> None:
    pa, pq = _pyarrow()
    schema = pq.read_schema(path).append(pa.field(PREDICTION, pa.null()))
    try:
        kinds = [_read(part).schema for part in parts]
        schema = pa.unify_schemas([schema, *kinds], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _mixed(str(error)) from None
    with pq.ParquetWriter(target, schema) as writer:
        held: list[Any] = []
        for each in parts:
            held.append(_read(each).cast(schema))
            if sum(table.num_rows for table in held) >= _GROUP:
                writer.write_table(pa.concat_tables(held), row_group_size=_GROUP)
                held = []
        if held:
            writer.write_table(pa.concat_tables(held), row_group_size=_GROUP)


def _read(part: Path) -> Any:
    pa, _ = _pyarrow()
    with pa.ipc.open_stream(part.read_bytes()) as reader:
        return reader.read_all()


def _array(column: Any) -> Any:
    pa, _ = _pyarrow()
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind):
        return column.to_numpy(zero_copy_only=False)
    return as_array(column.to_pylist())


def _mixed(reason: str) -> InputError:
    return InputError(
        f"the predictions are of several kinds, and a parquet column has one ({reason}): "
        "give the data as csv or jsonl, or let the code return one kind"
    )


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "pyarrow":
            raise
        raise InputError(
            "parquet files need the package pyarrow: add it to the deployment's environment"
        ) from None
