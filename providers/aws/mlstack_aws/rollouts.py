"""Which rollouts SageMaker has: bounds of its deployment guardrails, without anything that is made of them.

Source: SageMaker's API reference, TrafficRoutingConfig, BlueGreenUpdatePolicy, RollingUpdatePolicy.
"""

from __future__ import annotations

from mlstack.spec import Rollout

#: Seconds: between two steps; for all of it (``MaximumExecutionTimeoutInSeconds``), and what machines take
#: to start, of which nobody knows more than that.
LONGEST_WAIT, LONGEST, STARTING = 3600, (600, 28_800), 3600
#: Percent of a fleet that a step may be.
CANARY, LINEAR, ROLLING = (1, 50), (10, 50), (5, 50)


def step(rollout: Rollout) -> int | None:
    """The size of all steps, where they are equal."""
    first = rollout.steps[0]
    return first if rollout.steps == [*range(first, 100, first), 100] else None


def seconds(rollout: Rollout) -> int:
    """How long it may take: the waits after each step, and machines that start."""
    return max(LONGEST[0], round(rollout.every) * len(rollout.steps) + STARTING)
