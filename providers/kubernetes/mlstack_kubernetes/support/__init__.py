"""What the Kubernetes target refuses, each with the way out: one file for each kind of the spec."""

from __future__ import annotations

from mlstack.lowering.support import Support
from mlstack_kubernetes.support import (
    compute,
    data,
    elsewhere,
    endpoints,
    environments,
    jobs,
    models,
    monitors,
    pipelines,
    secrets,
    workspace,
)

SUPPORT = Support(
    workspace,
    secrets,
    compute,
    environments,
    data,
    jobs,
    models,
    endpoints,
    monitors,
    pipelines,
    elsewhere,
)
