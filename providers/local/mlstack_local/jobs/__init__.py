"""Jobs: real processes, each run by a small runner of its own that outlives whoever started it."""

from mlstack.lowering.shell import literal, render
from mlstack_local.jobs.begin import folder_of, outputs_of, start_run
from mlstack_local.jobs.beside import cancel, lines_of, log_lines, run_beside
from mlstack_local.jobs.history import history, runs_in, runs_of, status
from mlstack_local.jobs.inputs import Code, JobInput, JobInputs, JobOutput, JobSecret
from mlstack_local.jobs.record import ENDED, Record, RunFolder

__all__ = [
    "ENDED",
    "Code",
    "JobInput",
    "JobInputs",
    "JobOutput",
    "JobSecret",
    "Record",
    "RunFolder",
    "cancel",
    "folder_of",
    "history",
    "lines_of",
    "literal",
    "log_lines",
    "outputs_of",
    "render",
    "run_beside",
    "runs_in",
    "runs_of",
    "start_run",
    "status",
]
