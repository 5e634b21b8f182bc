"""Replicas that follow the load: Application Auto Scaling.

Sources: SageMaker's developer guide, "Automatic scaling of Amazon SageMaker AI models" (predefined metrics:
invocations of an instance by minute, and concurrent requests of a model), "Scale an endpoint to zero
instances" (the step from none to one follows NoCapacityInvocationFailures), and "Amazon SageMaker AI metrics
in Amazon CloudWatch" (utilization, normalized to 100 over all processors).
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec.deployment import Replicas
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place

_SERVICE = "sagemaker"
_INSTANCES = "sagemaker:variant:DesiredInstanceCount"
_COPIES = "sagemaker:inference-component:DesiredCopyCount"
_USUAL_CPU = 70.0
_USUAL_CONCURRENCY = 4.0
_MINUTE = 60


def follows(replicas: Replicas) -> bool:
    return replicas.min != replicas.max


def of_variant(build: Build, name: str, replicas: Replicas, endpoint: str, variant: Any, after: Any) -> None:
    """The number of instances of a variant; ``after`` is what has brought it into being."""
    resource = pulumi.Output.concat("endpoint/", endpoint, "/variant/", variant)
    target = _target(build, name, replicas, resource, _INSTANCES, after)
    _tracking(build, name, target, replicas, _metric(replicas, endpoint, variant))


def of_component(build: Build, name: str, replicas: Replicas, component: str, after: Any) -> None:
    """The number of copies of an inference component, from none on."""
    import pulumi_aws as aws

    resource = f"inference-component/{component}"
    target = _target(build, name, replicas, resource, _COPIES, after)
    each = replicas.target.concurrency if replicas.target else None
    metric = "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
    _tracking(build, name, target, replicas, _predefined(float(each or _USUAL_CONCURRENCY), metric))
    where = place(build)
    step = aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs
    adjustment = aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs
    policy = build.make(
        aws.appautoscaling.Policy,
        name,
        "wake",
        name=physical(build, name, "wake", longest=256),
        region=where.region,
        policy_type="StepScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        step_scaling_policy_configuration=step(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Maximum",
            cooldown=_MINUTE,
            step_adjustments=[adjustment(metric_interval_lower_bound="0", scaling_adjustment=1)],
        ),
    )
    build.make(
        aws.cloudwatch.MetricAlarm,
        name,
        "asleep",
        name=physical(build, name, "asleep", longest=255),
        region=where.region,
        alarm_actions=[policy.arn],
        alarm_description=f"Endpoint {build.name} is asked while no copy of {name} is there.",
        namespace="AWS/SageMaker",
        metric_name="NoCapacityInvocationFailures",
        dimensions={"InferenceComponentName": component},
        statistic="Maximum",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        period=30,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        treat_missing_data="missing",
        tags=tags(build),
    )


def _target(build: Build, name: str, replicas: Replicas, resource: Any, dimension: str, after: Any) -> Any:
    import pulumi_aws as aws

    return build.make(
        aws.appautoscaling.Target,
        name,
        "autoscale",
        options={"delete_before_replace": False, "depends_on": [after]},
        region=place(build).region,
        service_namespace=_SERVICE,
        resource_id=resource,
        scalable_dimension=dimension,
        min_capacity=replicas.min,
        max_capacity=replicas.max,
        tags=tags(build),
    )


def _tracking(build: Build, name: str, target: Any, replicas: Replicas, metric: dict[str, Any]) -> None:
    import pulumi_aws as aws

    tracking = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
    build.make(
        aws.appautoscaling.Policy,
        name,
        "autoscale",
        name=physical(build, name, longest=256),
        region=place(build).region,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration=tracking(
            scale_in_cooldown=round(replicas.idle) if replicas.idle is not None else None, **metric
        ),
    )


def _metric(replicas: Replicas, endpoint: str, variant: Any) -> dict[str, Any]:
    target = replicas.target
    if target is not None and target.rps is not None:
        return _predefined(float(target.rps) * _MINUTE, "SageMakerVariantInvocationsPerInstance")
    if target is not None and target.concurrency is not None:
        metric = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
        return _predefined(float(target.concurrency), metric)
    if target is not None and target.gpu is not None:
        return _measured(float(target.gpu), "GPUUtilizationNormalized", endpoint, variant)
    cpu = target.cpu if target is not None else None
    return _measured(float(cpu or _USUAL_CPU), "CPUUtilizationNormalized", endpoint, variant)


def _predefined(value: float, metric: str) -> dict[str, Any]:
    import pulumi_aws as aws

    predefined = (
        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
    )
    return {
        "target_value": value,
        "predefined_metric_specification": predefined(predefined_metric_type=metric),
    }


def _measured(value: float, metric: str, endpoint: str, variant: Any) -> dict[str, Any]:
    import pulumi_aws as aws

    customized = (
        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs
    )
    word = "PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensionArgs"
    dimension = getattr(aws.appautoscaling, word)
    return {
        "target_value": value,
        "customized_metric_specification": customized(
            namespace="/aws/sagemaker/Endpoints",
            metric_name=metric,
            statistic="Average",
            unit="Percent",
            dimensions=[
                dimension(name="EndpointName", value=endpoint),
                dimension(name="VariantName", value=variant),
            ],
        ),
    }
