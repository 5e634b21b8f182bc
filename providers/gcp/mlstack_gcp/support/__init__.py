"""What the Vertex AI target refuses, each with the way out: one file for each kind of the spec."""

from __future__ import annotations

from mlstack.lowering.support import Support
from mlstack_gcp.support import (
    budget,
    compute,
    data,
    elsewhere,
    endpoints,
    environments,
    jobs,
    machines,
    models,
    monitors,
    notifications,
    pipelines,
    schedules,
    secrets,
    workspace,
)

SUPPORT = Support(
    workspace, secrets, compute, environments, data, jobs, models,
    endpoints, monitors, notifications, pipelines, schedules, budget,
    machines, elsewhere,
)  # fmt: skip
