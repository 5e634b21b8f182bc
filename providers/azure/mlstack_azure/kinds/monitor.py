"""Monitors: of data, a schedule of Azure ML with a monitoring job; of requests, an alert of Azure Monitor.

Sources: Azure ML, "Model monitoring" and the YAML reference of schedules for model monitoring; "Supported
metrics for Microsoft.MachineLearningServices/workspaces/onlineEndpoints" (RequestLatency_P50, _P90, _P95,
_P99 in milliseconds); Azure Monitor, table AmlOnlineEndpointTrafficLog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_azure.kinds import monitor_alerts, monitor_signals
from mlstack_azure.kinds.scheduled import every, scheduled
from mlstack_azure.place import place

_SPARK = "standard_e4s_v3"
_RUNTIME = "3.4"


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.signal == "latency":
        return {"id": monitor_alerts.latency(build)}
    if build.spec.signal == "errors":
        return {"id": monitor_alerts.errors(build)}
    return {"id": _schedule(build)}


def _schedule(build: Build) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    emails = [build.spec_of("notifications", name).email for name in spec.notify]
    action = ml.CreateMonitorActionArgs(
        action_type="CreateMonitor",
        monitor_definition=ml.MonitorDefinitionArgs(
            compute_configuration=ml.MonitorServerlessSparkComputeArgs(
                compute_type="ServerlessSpark",
                instance_type=_SPARK,
                runtime_version=_RUNTIME,
                compute_identity=_identity(place(build).identity_id),
            ),
            monitoring_target=monitor_signals.target(build),
            signals=monitor_signals.signals(build),
            alert_notification_settings=ml.MonitorNotificationSettingsArgs(
                email_notification_settings=ml.MonitorEmailNotificationSettingsArgs(emails=emails)
            )
            if emails
            else None,
        ),
    )
    return scheduled(build, every(spec.interval), action).id


def _identity(identity: Any) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    if identity is None:
        return ml.AmlTokenComputeIdentityArgs(compute_identity_type="AmlToken")
    return ml.ManagedComputeIdentityArgs(
        compute_identity_type="ManagedIdentity",
        identity=ml.ManagedServiceIdentityArgs(
            type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[identity]
        ),
    )
