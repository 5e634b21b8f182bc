"""What the Azure target refuses, each with the way out: one file for each kind of the spec."""

from __future__ import annotations

from mlstack.lowering.support import Support
from mlstack_azure.support import (
    budget,
    compute,
    data,
    endpoints,
    environments,
    jobs,
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
)  # fmt: skip
