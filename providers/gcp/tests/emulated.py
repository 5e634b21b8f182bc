"""Where the emulated Google Cloud of tests of resources and of the runtime is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.settings import Settings

from mlstack import door
from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving

PROJECT, REGION, UID, BUCKET = "demo-project", "europe-west4", "uid", "demo-bucket"
PARENT = f"projects/{PROJECT}/locations/{REGION}"


@contextmanager
def emulated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GcpEmulation]:
    """With a bucket, behind its HTTP door, where clients of ours find it."""
    made = GcpEmulation(World(folder / "world.db"), Settings(project=PROJECT), REGION)
    made.create("gcp:storage/bucket:Bucket", {"name": BUCKET, "location": REGION})
    with serving(made, Faults(Plan(), made.world), folder) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        yield made
