"""Batch endpoints: runs that score data by the serving runtime, looked after as jobs are.

A run is a folder, as a job's (`mlstack_local.jobs.record`), with asked.json and code/ beside; what it writes
is in output/ there, or where the user said.
"""

from mlstack_local.batch.asked import Asked
from mlstack_local.batch.begin import begin, resume
from mlstack_local.batch.inputs import BatchDeployment, BatchInputs
from mlstack_local.batch.runs import cancel, log_lines, runs_of, status
from mlstack_local.batch.watch import follow, result

__all__ = [
    "Asked",
    "BatchDeployment",
    "BatchInputs",
    "begin",
    "cancel",
    "follow",
    "log_lines",
    "result",
    "resume",
    "runs_of",
    "status",
]
