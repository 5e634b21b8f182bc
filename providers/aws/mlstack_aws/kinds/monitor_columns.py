"""What SageMaker Model Monitor measures of each column, and the alarms of CloudWatch on the worst of them.

Sources: SageMaker AI developer guide, "CloudWatch metrics" of Model Monitor (feature_baseline_drift_NAME,
feature_non_null_NAME), "Schema for constraints" (the distance is by the two-sample Kolmogorov-Smirnov test);
the namespace and its dimensions as AWS's samples name them (aws/amazon-sagemaker-examples,
sagemaker_model_monitor).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mlstack.provider import Build
from mlstack_aws.baselines import Baseline
from mlstack_aws.kinds import alarms
from mlstack_aws.kinds.dashboard import DATA

#: Metrics that the expression of an alarm may look at (CloudWatch service quotas).
_MOST = 10


def watch(build: Build, endpoint: str, schedule: Any, held: Baseline) -> None:
    """One alarm, or several where there are more columns than one can look at."""
    watched = _watched(build, held)
    for number, part in enumerate(watched[at : at + _MOST] for at in range(0, len(watched), _MOST)):
        suffix = () if number == 0 else (f"alarm{number + 1}",)
        queries = _queries(build, endpoint, schedule, part)
        alarms.make(build, *suffix, queries=queries, threshold=float(build.spec.threshold))


def _watched(build: Build, held: Baseline) -> Sequence[str]:
    if build.spec.signal == "prediction-drift":
        assert held.label is not None  # see the refusals
        return [held.label]
    return build.spec.features or held.features


def _queries(build: Build, endpoint: str, schedule: Any, columns: Sequence[str]) -> Iterator[Any]:
    quality = build.spec.signal == "data-quality"
    metric, statistic = ("feature_non_null", "Average") if quality else ("feature_baseline_drift", "Sum")
    of = {"Endpoint": endpoint, "MonitoringSchedule": schedule}
    names = [f"column{number}" for number, _ in enumerate(columns)]
    for name, column in zip(names, columns, strict=True):
        yield alarms.metric(name, DATA, f"{metric}_{column}", of, build.spec.interval, statistic)
    all_of = f"[{', '.join(names)}]"
    # null-rate is the other part of what is there
    yield alarms.result(f"1 - MIN({all_of})" if quality else f"MAX({all_of})")
