"""The signals of a monitor of data: one for each deployment of the endpoint that captures requests.

What is compared, and how, by azure-ai-ml's words (`azure.ai.ml.entities._monitoring.thresholds`): a metric
applies to numbers, to categories, or to both.
"""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build
from mlstack.spec.monitor import METRICS
from mlstack_azure import assets
from mlstack_azure.durations import iso
from mlstack_azure.kinds.served import Served, served

#: Metric -> name for numbers, name for categories.
DRIFT = {
    "psi": ("PopulationStabilityIndex", "PopulationStabilityIndex"),
    "ks": ("TwoSampleKolmogorovSmirnovTest", None),
    "chi-square": (None, "PearsonsChiSquaredTest"),
    "jensen-shannon": ("JensenShannonDistance", "JensenShannonDistance"),
    "wasserstein": ("NormalizedWassersteinDistance", None),
}
QUALITY = {
    "null-rate": "NullValueRate",
    "type-error-rate": "DataTypeErrorRate",
    "out-of-bounds-rate": "OutOfBoundsRate",
}
_NDCG = "NormalizedDiscountedCumulativeGain"


def target(build: Build) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    found = served(build, build.spec.endpoint)
    return ml.MonitoringTargetArgs(
        task_type=ml.ModelTaskType.CLASSIFICATION, deployment_id=found.ids[next(iter(found.captures))]
    )


def signals(build: Build) -> dict[str, Any]:
    found = served(build, build.spec.endpoint)
    return {f"{build.name}-{deployment}": _signal(build, found, deployment) for deployment in found.captures}


def _signal(build: Build, found: Served, deployment: str) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    common: dict[str, Any] = {
        "reference_data": _baseline(build),
        # without it a threshold that is passed is only recorded
        "notification_types": [ml.MonitoringNotificationType.AML_NOTIFICATION] if spec.notify else None,
        "feature_data_type_override": _categorical(build),
    }
    inputs = _captured(build, found, deployment, "model_inputs")
    outputs = _captured(build, found, deployment, "model_outputs")
    limit = ml.MonitoringThresholdArgs(value=float(spec.threshold))
    metric = spec.metric or METRICS[spec.signal][0]
    if spec.signal == "feature-attribution":
        return ml.FeatureAttributionDriftMonitoringSignalArgs(
            signal_type="FeatureAttributionDrift",
            production_data=[inputs, outputs],
            metric_threshold=ml.FeatureAttributionMetricThresholdArgs(metric=_NDCG, threshold=limit),
            feature_importance_settings=ml.FeatureImportanceSettingsArgs(
                mode=ml.FeatureImportanceMode.ENABLED, target_column=_label(build)
            ),
            **common,
        )
    if spec.signal == "prediction-drift":
        return ml.PredictionDriftMonitoringSignalArgs(
            signal_type="PredictionDrift",
            production_data=outputs,
            metric_thresholds=_both(
                ml.NumericalPredictionDriftMetricThresholdArgs,
                ml.CategoricalPredictionDriftMetricThresholdArgs,
                DRIFT[metric],
                limit,
            ),
            **common,
        )
    features = (
        ml.AllFeaturesArgs(filter_type="AllFeatures")
        if spec.features is None
        else ml.FeatureSubsetArgs(filter_type="FeatureSubset", features=spec.features)
    )
    if spec.signal == "data-quality":
        return ml.DataQualityMonitoringSignalArgs(
            signal_type="DataQuality",
            production_data=inputs,
            features=features,
            metric_thresholds=_both(
                ml.NumericalDataQualityMetricThresholdArgs,
                ml.CategoricalDataQualityMetricThresholdArgs,
                (QUALITY[metric], QUALITY[metric]),
                limit,
            ),
            **common,
        )
    return ml.DataDriftMonitoringSignalArgs(
        signal_type="DataDrift",
        production_data=inputs,
        features=features,
        metric_thresholds=_both(
            ml.NumericalDataDriftMetricThresholdArgs,
            ml.CategoricalDataDriftMetricThresholdArgs,
            DRIFT[metric],
            limit,
        ),
        **common,
    )


def _both(numerical: Any, categorical: Any, names: tuple[str | None, str | None], limit: Any) -> list[Any]:
    made = []
    if names[0] is not None:
        made.append(numerical(data_type="Numerical", metric=names[0], threshold=limit))
    if names[1] is not None:
        made.append(categorical(data_type="Categorical", metric=names[1], threshold=limit))
    return made


def _captured(build: Build, found: Served, deployment: str, collection: str) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    return ml.RollingInputDataArgs(
        input_data_type="Rolling",
        job_input_type=ml.JobInputType.URI_FOLDER,
        data_context=collection,
        uri=found.captures[deployment][collection],
        window_size=iso(build.spec.window or build.spec.interval),
        window_offset="P0D",
    )


def _baseline(build: Build) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    kind, name, *rest = build.spec.baseline.split(".")
    label = None
    if kind == "data":
        spec = build.spec_of("data", name)
        uri: Any = assets.data_id(build, name)
        file = spec.type == "file" or (spec.type is None and not str(spec.path or "").endswith("/"))
        label = spec.columns.label if spec.columns else None
    else:
        uri = build.outputs("jobs", name)["outputs"][rest[0]]["uri"]
        file = build.spec_of("jobs", name).outputs[rest[0]].type == "file"
    return ml.FixedInputDataArgs(
        input_data_type="Fixed",
        job_input_type=ml.JobInputType.URI_FILE if file else ml.JobInputType.URI_FOLDER,
        data_context="training",
        columns={"target_column": label} if label else None,
        uri=uri,
    )


def _label(build: Build) -> str | None:
    kind, name, *_ = build.spec.baseline.split(".")
    columns = build.spec_of("data", name).columns if kind == "data" else None
    return columns.label if columns else None


def _categorical(build: Build) -> Any:
    """Columns that hold categories though they look like numbers."""
    kind, name, *_ = build.spec.baseline.split(".")
    columns = build.spec_of("data", name).columns if kind == "data" else None
    if columns is None or not columns.categorical:
        return None
    return dict.fromkeys(columns.categorical, "Categorical")
