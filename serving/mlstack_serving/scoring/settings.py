"""The settings of a run. Those of the model are the server's own (`mlstack_serving.config`)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack_serving import config
from mlstack_serving.config import Config
from mlstack_serving.errors import UsageError

_MODEL = "The model is given as to the server: --model, --flavor, --task, --code, --script, --sha256."


@dataclass(frozen=True)
class Settings:
    """``features`` empty: all columns but ``ignore``; a model that knows its columns takes those."""

    data: Path
    output: Path
    mini_batch: int
    max_errors: int | None
    replicas: int
    timeout: float | None
    features: tuple[str, ...]
    ignore: tuple[str, ...]
    run: str
    model: Config


def read(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """argparse ends the process (2) on an unknown flag; UsageError for values that make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m mlstack_serving.scoring",
        description="Score a table, a folder of tables or a folder of files.",
        epilog=_MODEL,
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, help="a csv, jsonl or parquet file, or a folder")
    add(
        "--output",
        type=Path,
        required=True,
        help="folder for the predictions; new, or of a run to go on with",
    )
    add("--mini-batch", type=int, default=100, help="rows or files per call (100)")
    add("--max-errors", type=int, default=None, help="failed rows or files before the run fails (no limit)")
    add("--replicas", type=int, default=1, help="processes that score side by side (1)")
    add("--timeout", type=float, default=None, help="seconds that one call may take (no limit)")
    add("--feature", action="append", default=[], help="a column that the model takes; repeatable (all)")
    add("--ignore", action="append", default=[], help="a column that the model is not given; repeatable")
    add("--run", default="", help="id of the run; another run's output is refused")
    given, rest = parser.parse_known_args(argv)
    for name, least in (("mini_batch", 1), ("max_errors", 0), ("replicas", 1)):
        value = getattr(given, name)
        if value is not None and value < least:
            raise UsageError(f"--{name.replace('_', '-')}: must be at least {least}")
    if given.timeout is not None and given.timeout <= 0:
        raise UsageError("--timeout: must be above 0")
    return Settings(
        data=given.data,
        output=given.output,
        mini_batch=given.mini_batch,
        max_errors=given.max_errors,
        replicas=given.replicas,
        timeout=given.timeout,
        features=tuple(given.feature),
        ignore=tuple(given.ignore),
        run=given.run,
        model=config.read(rest, environ),
    )
