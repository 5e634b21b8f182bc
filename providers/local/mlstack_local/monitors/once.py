"""One reading of a monitor where there is no stack of this machine, in a pod of a cluster, say:

    python -m mlstack_local.monitors.once

It is the same reading (`mlstack_local.monitors.tend`), of folders that are given. By variables:

    MLSTACK_MONITOR            what is read, as JSON: `Task`
    MLSTACK_MONITORS           folder of what monitors remember: their readings and alerts, their pages
    MLSTACK_CAPTURES           folder of the captures of its endpoint, one below it for each deployment
    MLSTACK_MONITOR_SECRETS    folder of the secrets that channels name

It prints the reading as a line of JSON, and fails where there was none to be had.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlstack_local.files import private_folder
from mlstack_local.layout import Layout
from mlstack_local.monitors import tend
from mlstack_local.monitors.definition import Definition, parsed
from mlstack_local.monitors.history import History
from mlstack_local.notify import channel as channels
from mlstack_local.notify.channel import Channel

#: What could not be delivered is tried again by this process for so long, then by that of the next reading.
PATIENCE = 120.0


@dataclass(frozen=True)
class Task:
    """``deployments``: whose captures are read. ``channels`` by their names, as `channel.write` has them."""

    stack_uid: str
    definition: Definition
    deployments: tuple[str, ...]
    channels: tuple[Channel, ...] = field(default=())

    @staticmethod
    def of(document: Mapping[str, Any]) -> Task:
        return Task(
            document["stack_uid"],
            parsed(document["definition"]),
            tuple(document["deployments"]),
            tuple(channels.parsed(each) for each in document["channels"]),
        )


class _Folders(Layout):
    """A report's path is one of the folder that is kept, not of the one that is made for a reading."""

    def relative(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()


def run(task: Task, around: Path, environ: Mapping[str, str]) -> bool:
    """Whether there was a reading; ``around`` is a folder that is thrown away."""
    layout = _Folders(around, task.stack_uid)
    name = task.definition.name
    captures = private_folder(layout.home / "captures" / task.definition.endpoint)
    for deployment in task.deployments:
        (captures / deployment).symlink_to(Path(environ["MLSTACK_CAPTURES"]) / deployment)
    (layout.home / "monitors").symlink_to(environ["MLSTACK_MONITORS"])
    if secrets := environ.get("MLSTACK_MONITOR_SECRETS"):
        (layout.home / "secrets").symlink_to(secrets)
    for channel in task.channels:
        channels.write(layout, channel)
    task.definition.write(layout.monitor(name))
    reading = tend.read_now(layout, name)
    _tell(layout, name)
    if reading is None:
        return False
    print(json.dumps(reading.as_json()), flush=True)
    return reading.state != "failed"


def _tell(layout: Layout, name: str) -> None:
    end = time.time() + PATIENCE
    tend.deliver(layout, name)
    while (following := History(layout.monitor(name)).next_message()) is not None and following <= end:
        time.sleep(max(0.0, following - time.time()))
        tend.deliver(layout, name)


def main() -> int:
    task = Task.of(json.loads(os.environ["MLSTACK_MONITOR"]))
    with tempfile.TemporaryDirectory(prefix="mlstack-monitor-") as around:
        return 0 if run(task, Path(around), os.environ) else 1


if __name__ == "__main__":
    sys.exit(main())
