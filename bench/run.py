"""`make bench`: figures of this machine, each beside another of the same run; kept as dated JSON.

python bench/run.py [--runs N] [--seconds S]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import plain
from measure import Figure, beside, cost, pairs, spread, timed

from mlstack.engine.install import Engine, ensure_engine

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
MLSTACK = plain.MLSTACK
STACK = "dev-local"
EXAMPLE = ROOT / "examples" / "digits"


def help_page(runs: int) -> Figure:
    mlstack = spread(timed([MLSTACK, "--help"], runs, ROOT))
    python = spread(timed([sys.executable, "-c", ""], runs, ROOT))
    return {
        "mlstack --help": mlstack,
        "python -c ''": python,
        "goal_seconds": 0.3,
        "met": mlstack["median"] < 0.3,
    }


def preview(live: Path, engine: Engine, runs: int) -> Figure:
    """A no-change preview, in turn with plain Pulumi's of the same resources: the ratio of each pair."""
    if not plain.host():
        return {"skipped": "plain `pulumi preview` of a Python program needs pulumi-language-python on PATH"}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "plain"
        environment = plain.write(live, live / ".mlstack" / "state", folder)
        command = [engine.path, "preview", "--stack", STACK, "--non-interactive", "--expect-no-changes"]
        ours = lambda: cost([MLSTACK, "preview", "--json"], live)  # noqa: E731
        theirs = lambda: cost(command, folder, environment)  # noqa: E731
        ours(), theirs()  # both are warm
        made = pairs(ours, theirs, runs)
    return beside(("mlstack preview", "pulumi preview"), made, 1.25)


@contextmanager
def demo() -> Iterator[tuple[Path, Figure]]:
    """The demo's project, brought up with warm caches; how long until it answered."""
    with tempfile.TemporaryDirectory() as scratch:
        ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
        live = Path(shutil.copytree(EXAMPLE, Path(scratch) / "digits", ignore=ignored))
        try:
            _mlstack(live, "up")  # fills the caches: environment, runtime
            _mlstack(live, "down")
            begun = time.perf_counter()
            _mlstack(live, "up")
            applied = time.perf_counter() - begun
            endpoint = _endpoint(live)
            _answer(endpoint)
            training = _training_seconds(live)
            yield (
                live,
                {
                    "up": round(applied, 3),
                    "of which the training job": training,
                    "up to the first answer": round(time.perf_counter() - begun, 3),
                },
            )
        finally:
            _mlstack(live, "down")


def recovery(live: Path) -> Figure:
    """Seconds from the kill of a worker to the next answer."""
    endpoint = _endpoint(live)
    seconds = []
    for _ in range(5):
        subprocess.run(["pkill", "-9", "-f", f"mlstack_serving.*{live}"], check=True)
        begun = time.perf_counter()
        while True:
            try:
                _answer(endpoint)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        seconds.append(time.perf_counter() - begun)
        time.sleep(2)
    measured = spread(seconds)
    return {"killed worker to answer": measured, "goal_seconds": 3.0, "met": measured["max"] < 3.0}


def script(name: str, *options: str) -> Figure:
    """The object that another script of this folder prints."""
    command = [sys.executable, ROOT / "bench" / name, *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    figure: Figure = json.loads(done.stdout)
    return figure


def machine() -> Figure:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _mlstack(live: Path, command: str) -> None:
    subprocess.run([MLSTACK, command, "--yes", "--json"], cwd=live, check=True, capture_output=True)


def _endpoint(live: Path) -> dict[str, Any]:
    command = [MLSTACK, "outputs", "--json", "--show-secrets"]
    done = subprocess.run(command, cwd=live, check=True, capture_output=True)
    endpoint: dict[str, Any] = json.loads(done.stdout)["endpoints"]["digits"]
    return endpoint


def _answer(endpoint: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {endpoint['key']}", "Content-Type": "application/json"}
    body = json.dumps({"instances": [[0.0] * 64]}).encode()
    with urllib.request.urlopen(urllib.request.Request(endpoint["url"], body, headers), timeout=10) as answer:
        answer.read()


def _training_seconds(live: Path) -> float:
    (run,) = live.glob(".mlstack/local/*/jobs/train/*/run.json")
    record = json.loads(run.read_text())
    return round(float(record["ended"]) - float(record["started"]), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    engine = ensure_engine(print)
    now = datetime.now(UTC)
    figures: Figure = {
        "at": now.isoformat(timespec="seconds"),
        "engine": engine.version,
        "machine": machine(),
    }
    figures["help"] = help_page(arguments.runs)
    with demo() as (live, first_answer):
        figures["first answer"] = first_answer
        figures["preview"] = preview(live, engine, arguments.runs)
        figures["recovery"] = recovery(live)
    figures["gateway"] = script("gateway.py", "--seconds", str(arguments.seconds))
    figures["peers"] = script("peers/run.py", "--seconds", str(arguments.seconds))
    figures["aliases"] = script("aliases.py")
    figures["stacks"] = script("stacks.py")
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now:%Y-%m-%d}.json"
    text = json.dumps(figures, indent=2)
    file.write_text(text + "\n")
    print(text)
    print(f"kept in {file.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
