"""Several processes of one job that really work together, by torch over gloo."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from mlstack_local.jobs import JobInputs
from mlstack_local.resources.job import Job

from mlstack.resource import Context

SUM = """
import json, os, pathlib, sys
import torch
import torch.distributed as dist
dist.init_process_group("gloo")
mine = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(mine)
print("sum", mine.item())
if dist.get_rank() == 0:
    told = {"sum": mine.item(), "world": dist.get_world_size()}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(told))
dist.destroy_process_group()
"""


@pytest.mark.timeout(900)  # the first time ever, torch is fetched
@pytest.mark.parametrize(("nodes", "processes"), [(1, 2), (2, 1)])
def test_all_reduce(
    context: Context,
    job: Callable[..., JobInputs],
    source: Path,
    environment: Callable[..., str],
    nodes: int,
    processes: int,
) -> None:
    (source / "sum.py").write_text(SUM)
    wanted = job(
        "python sum.py ${{outputs.told}}",
        code={"path": "src", "digest": "d"},
        environment=environment("torch", "torch==2.15.0", "numpy"),
        outputs={"told": {"type": "file"}},
        env={"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        nodes=nodes,
        processes=processes,
        timeout_seconds=240,
    )
    made = Job().create(context, wanted)
    told = (context.root / made.outputs["outputs"]["told"]["uri"]).read_text()
    assert json.loads(told) == {"sum": 3.0, "world": 2}
    assert made.outputs["metrics"] == {"sum": 3.0, "world": 2}
    log = (context.root / made.outputs["run"] / "log.txt").read_text().splitlines()
    assert {"[rank 0] sum 3.0", "[rank 1] sum 3.0"} <= {*log}
