"""What the SageMaker target refuses, each with the way out: one file for each kind of the spec."""

from __future__ import annotations

from mlstack.lowering.support import Support
from mlstack_aws.support import (
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
    tags,
    workspace,
)

SUPPORT = Support(
    workspace, secrets, compute, environments, data, jobs, models,
    endpoints, monitors, notifications, pipelines, schedules, budget,
    machines, tags, elsewhere,
)  # fmt: skip
