"""Where the local target keeps a stack's things, all below the spec's folder.

    .mlstack/local/<stack uid>/
        jobs/<job>/<fingerprint>/        one run: run.json, log.txt, outputs/<name>/
        runs/<job>/<run id>/             the same, for `mlstack run`
        models/<model>/<version>/        a model's files and mlstack-model.json
        endpoints/<endpoint>/            gateway.json; <deployment>/ with its worker's files
        captures/<endpoint>/<deployment>/  requests and answers, parquet
        batch/<endpoint>/<run id>/       one run of a batch endpoint
        monitors/<monitor>/              monitor.json, readings.db, reports/
        notifications/<notification>.json  0600
        profiles/<data>/<version>.json    statistics of a table, and a sample of it as parquet
        supervisor/                      supervisord.conf, conf.d/, log/
        secrets/                         0600

The supervisor's socket is in the user's runtime folder under a short hash, because a socket's path may
not pass 108 bytes. Environments are shared between stacks and live in the cache.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import platformdirs

# The folder that it falls back to is as good here: it belongs to the user alone.
warnings.filterwarnings("ignore", category=UserWarning, message="XDG_RUNTIME_DIR is not set")


@dataclass(frozen=True)
class Layout:
    """``root`` is the spec's folder; properties are absolute paths, `relative` undoes that."""

    root: Path
    stack_uid: str

    @staticmethod
    def at(home: Path) -> Layout:
        """Of the stack whose things are in ``home``."""
        return Layout(home.parents[2], home.name)

    @property
    def home(self) -> Path:
        return self.root / ".mlstack" / "local" / self.stack_uid

    def job(self, name: str, fingerprint: str) -> Path:
        return self.home / "jobs" / name / fingerprint

    def run(self, name: str, run_id: str) -> Path:
        return self.home / "runs" / name / run_id

    def model(self, name: str, version: str) -> Path:
        return self.home / "models" / name / version

    def endpoint(self, name: str) -> Path:
        return self.home / "endpoints" / name

    def deployment(self, endpoint: str, name: str) -> Path:
        return self.endpoint(endpoint) / name

    def captures(self, endpoint: str, deployment: str) -> Path:
        return captures_of(self.endpoint(endpoint)) / deployment

    def batch(self, endpoint: str, run_id: str) -> Path:
        return self.home / "batch" / endpoint / run_id

    def monitor(self, name: str) -> Path:
        return self.home / "monitors" / name

    def profile(self, data: str, version: str) -> Path:
        return self.home / "profiles" / data / f"{version}.json"

    @property
    def supervisor(self) -> Path:
        return self.home / "supervisor"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def socket(self) -> Path:
        short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(platformdirs.user_runtime_dir("mlstack", ensure_exists=True)) / f"{short}.sock"

    def relative(self, path: Path) -> str:
        """The path as states and outputs hold it: relative to the spec's folder, POSIX."""
        return path.relative_to(self.root).as_posix()


def captures_of(endpoint: Path) -> Path:
    """Where the captures of an endpoint's deployments are, by the endpoint's folder."""
    return endpoint.parent.parent / "captures" / endpoint.name
