"""``mlstack:gcp:MonitoringJob``: a job that compares what an endpoint is asked with a baseline.

Each deployed model is compared by itself; which ones there are is changed in place, as a deployment that is
replaced is another. An endpoint has one such job.

Sources: the messages ModelDeploymentMonitoringJob and UpdateModelDeploymentMonitoringJobRequest of
google.cloud.aiplatform.v1 (what a mask may name); Vertex AI, "Monitor feature skew and drift" ("You must
pause a job before you can delete it").
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_gcp import cloud
from mlstack_gcp.resources import endpoints, listed

_MASK = (
    "model_deployment_monitoring_objective_configs",
    "model_deployment_monitoring_schedule_config",
    "logging_sampling_strategy",
    "model_monitoring_alert_config",
    "labels",
)
#: How long a change that is under way is waited for.
_PATIENCE = 600.0
#: What the threshold reads as where somebody has set several: never one of a spec.
_SEVERAL = -1.0


class MonitoringInputs(Inputs):
    """``endpoint``: its full name. ``baseline``: URIs of rows, in ``form`` ("csv"), of which the column
    ``label`` is predicted. ``features`` None: all of them have the threshold. ``schema``: URI of the columns'
    types. ``interval`` and ``window`` are in seconds, ``directory`` is where figures are written."""

    project: str
    location: str
    display_name: str
    endpoint: str
    deployed_models: list[str]
    baseline: list[str]
    form: str
    label: str
    threshold: float
    features: list[str] | None = None
    columns: str | None = None
    sample: float = 1.0
    interval: int
    window: int | None = None
    emails: list[str] = Field(default_factory=list)
    channels: list[str] = Field(default_factory=list)
    directory: str | None = None
    key: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)


class MonitoringJob(Resource[MonitoringInputs]):
    """Outputs: ``job``, its full name."""

    Inputs = MonitoringInputs
    replace_on = frozenset({"project", "location", "display_name", "endpoint", "columns", "directory", "key"})
    delete_before_replace = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        return {"job": old.outputs["job"] if old is not None else UNKNOWN}

    def create(self, context: Context, inputs: MonitoringInputs) -> State:
        with cloud.present():
            found = _named(inputs.project, inputs.location, inputs.display_name)
            if found is not None:
                name = str(found.name)
                _change(context, name, inputs)
            else:
                where = listed.parent(inputs.project, inputs.location)
                with cloud.told(f"{where}/modelDeploymentMonitoringJobs"):
                    made = cloud.client("Job", inputs.location).create_model_deployment_monitoring_job(
                        parent=where, model_deployment_monitoring_job=message(inputs)
                    )
                name = str(made.name)
            _sound(name)
        return State(name, inputs.model_dump(), {"job": name})

    def read(self, context: Context, state: State) -> State | None:
        with cloud.present():
            found = _get(state.id)
        return None if found is None else State(state.id, _as_inputs(found, state.inputs), {"job": state.id})

    def update(self, context: Context, state: State, inputs: MonitoringInputs) -> Properties:
        with cloud.present():
            _change(context, state.id, inputs)
        return {"job": state.id}

    def delete(self, context: Context, state: State) -> None:
        client = _client(state.id)
        with cloud.present():
            found = _get(state.id)
            if found is None:
                return
            if found.state.name == "JOB_STATE_RUNNING":  # only one that runs can be paused
                with cloud.told(f"pausing {state.id}"):
                    client.pause_model_deployment_monitoring_job(name=state.id)
                cloud.wait(
                    context,
                    lambda: None if _state(state.id) == "JOB_STATE_RUNNING" else True,
                    f"the pause of {state.id}",
                    longest=_PATIENCE,
                )
            operation = listed.get(
                lambda: client.delete_model_deployment_monitoring_job(name=state.id), state.id
            )
            if operation is not None:
                cloud.finish(context, operation, f"the removal of {state.id}", longest=_PATIENCE)

    def find(self, context: Context, inputs: Properties) -> State | None:
        with cloud.present():
            found = _named(inputs["project"], inputs["location"], inputs["display_name"])
        return None if found is None else self.read(context, State(found.name, inputs, {"job": found.name}))


def message(inputs: MonitoringInputs) -> dict[str, Any]:
    """The ModelDeploymentMonitoringJob to ask for."""
    limit = {"value": inputs.threshold}
    skew: dict[str, Any] = {"default_skew_threshold": limit}
    if inputs.features is not None:
        skew = {"skew_thresholds": dict.fromkeys(inputs.features, limit)}
    objective = {
        "training_dataset": {
            "gcs_source": {"uris": inputs.baseline},
            "data_format": inputs.form,
            "target_field": inputs.label,
        },
        "training_prediction_skew_detection_config": skew,
    }
    schedule: dict[str, Any] = {"monitor_interval": {"seconds": inputs.interval}}
    if inputs.window is not None:
        schedule["monitor_window"] = {"seconds": inputs.window}
    # what is found is always written to Cloud Logging: a monitor without notifications is only recorded
    alert: dict[str, Any] = {"enable_logging": True, "notification_channels": inputs.channels}
    if inputs.emails:
        alert["email_alert_config"] = {"user_emails": inputs.emails}
    found: dict[str, Any] = {
        "display_name": inputs.display_name,
        "endpoint": inputs.endpoint,
        "model_deployment_monitoring_objective_configs": [
            {"deployed_model_id": each, "objective_config": objective} for each in inputs.deployed_models
        ],
        "model_deployment_monitoring_schedule_config": schedule,
        "logging_sampling_strategy": {"random_sample_config": {"sample_rate": inputs.sample}},
        "model_monitoring_alert_config": alert,
        "labels": inputs.labels,
    }
    if inputs.columns is not None:
        found["analysis_instance_schema_uri"] = inputs.columns
    if inputs.directory is not None:
        found["stats_anomalies_base_directory"] = {"output_uri_prefix": inputs.directory}
    if inputs.key is not None:
        found["encryption_spec"] = {"kms_key_name": inputs.key}
    return found


def _client(name: str) -> Any:
    return cloud.client("Job", name.split("/")[3])


def _get(name: str) -> Any:
    return listed.get(lambda: _client(name).get_model_deployment_monitoring_job(name=name), name)


def _state(name: str) -> str | None:
    found = _get(name)
    return None if found is None else str(found.state.name)


def _named(project: str, location: str, display_name: str) -> Any:
    client, where = cloud.client("Job", location), listed.parent(project, location)

    def ask(wanted: str) -> Any:
        return client.list_model_deployment_monitoring_jobs(request={"parent": where, "filter": wanted})

    return listed.named(ask, display_name, where)


def _change(context: Context, name: str, inputs: MonitoringInputs) -> None:
    changed = {**message(inputs), "name": name}
    endpoints.change(
        context,
        lambda: _client(name).update_model_deployment_monitoring_job(
            model_deployment_monitoring_job=changed, update_mask={"paths": list(_MASK)}
        ),
        f"the change of {name}",
        longest=_PATIENCE,
    )


def _sound(name: str) -> None:
    """Raises ResourceFailed where the platform has found that it cannot monitor so."""
    found = _get(name)
    if found is not None and found.state.name == "JOB_STATE_FAILED":
        raise ResourceFailed(
            f"the monitoring job {name} has failed: {found.error.message}",
            remedy="mend what the message names, and run the same command again",
            partial=State(name, {}, {"job": name}),
        )


def _as_inputs(found: Any, before: Properties) -> dict[str, Any]:
    """What would make it as it is. Google writes a project's number where its id was given."""
    _, project, _, location, *_ = found.name.split("/")
    objectives = list(found.model_deployment_monitoring_objective_configs)
    first = objectives[0].objective_config if objectives else None
    data = first.training_dataset if first else None
    skew = first.training_prediction_skew_detection_config if first else None
    named = dict(skew.skew_thresholds) if skew else {}
    limits = [each.value for each in named.values()] or ([skew.default_skew_threshold.value] if skew else [])
    alike = all(each.objective_config == first for each in objectives)
    schedule, alert = found.model_deployment_monitoring_schedule_config, found.model_monitoring_alert_config
    inputs = MonitoringInputs(
        project=before.get("project") or project,
        location=location,
        display_name=found.display_name,
        endpoint=endpoints.same(found.endpoint, before.get("endpoint")) or "",
        deployed_models=_in_order([each.deployed_model_id for each in objectives], before, "deployed_models"),
        baseline=list(data.gcs_source.uris) if data else [],
        form=data.data_format if data else "",
        label=data.target_field if data else "",
        threshold=limits[0] if alike and len(set(limits)) == 1 else _SEVERAL,
        features=_in_order(list(named), before, "features") if named else None,
        columns=found.analysis_instance_schema_uri or None,
        sample=found.logging_sampling_strategy.random_sample_config.sample_rate,
        interval=int(schedule.monitor_interval.total_seconds()),
        window=int(schedule.monitor_window.total_seconds()) or None if schedule.monitor_window else None,
        emails=_in_order(list(alert.email_alert_config.user_emails), before, "emails"),
        channels=_channels(list(alert.notification_channels), before.get("channels") or []),
        directory=found.stats_anomalies_base_directory.output_uri_prefix or None,
        key=found.encryption_spec.kms_key_name or None,
        labels=dict(found.labels),
    )
    return inputs.model_dump()


def _in_order(real: list[str], before: Properties, field: str) -> list[str]:
    """As they were given, where they are the same: the platform keeps no order."""
    given = before.get(field) or []
    return list(given) if sorted(given) == sorted(real) else sorted(real)


def _channels(real: list[str], given: list[str]) -> list[str]:
    ends = [each.rpartition("/")[2] for each in real]
    return list(given) if sorted(each.rpartition("/")[2] for each in given) == sorted(ends) else real
