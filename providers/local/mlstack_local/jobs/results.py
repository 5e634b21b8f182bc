"""What a run has made: versions of its outputs, and the metrics in them."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path

from mlstack import content
from mlstack_local.jobs.record import Record, RunFolder

_METRICS = "metrics.json"
_METRICS_BYTES = 1 << 20


class OutputMissing(Exception):  # noqa: N818
    """A declared output is not there, or of another type."""


def prepare(run: RunFolder, outputs: Mapping[str, str]) -> None:
    """Empty outputs: a folder for each folder, a place for each file."""
    shutil.rmtree(run.outputs, ignore_errors=True)
    run.outputs.mkdir(parents=True)
    for name, kind in outputs.items():
        if kind == "folder":
            run.output(name).mkdir()


def versions(run: RunFolder, outputs: Mapping[str, str]) -> dict[str, str]:
    """Each output's version, from its content."""
    found = {}
    for name, kind in outputs.items():
        path = run.output(name)
        if not (path.is_dir() if kind == "folder" else path.is_file()):
            raise OutputMissing(f"the command ended well, but wrote no {kind} to its output {name!r}")
        found[name] = content.version(path)
    return found


def metrics(run: RunFolder, outputs: Mapping[str, str]) -> dict[str, float]:
    """The numbers at the top of each ``metrics.json``, and of each output file that is such a JSON."""
    found: dict[str, float] = {}
    for name, kind in outputs.items():
        found |= _numbers(run.output(name) / _METRICS if kind == "folder" else run.output(name))
    return found


def usage(record: Record) -> dict[str, float]:
    """What a run that has ended took: seconds on the clock, processor time, bytes of memory at the peak."""
    return {
        "seconds": round((record.ended or 0) - (record.started or 0), 3),
        "cpu_seconds": record.cpu_seconds or 0.0,
        "max_rss_bytes": record.max_rss_bytes or 0,
        "attempts": record.attempt,
    }


def _numbers(path: Path) -> dict[str, float]:
    try:
        if path.stat().st_size > _METRICS_BYTES:
            return {}
        document = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        key: value
        for key, value in document.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
