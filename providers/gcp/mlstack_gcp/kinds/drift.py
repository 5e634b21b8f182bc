"""Data drift: a monitoring job of Vertex AI's that compares what an endpoint is asked with a baseline.

The platform measures distances of columns (Jensen-Shannon of numbers, the largest difference of categories),
and calls it skew where the baseline is a data set. Requests are read from the table of what is captured.

Sources: Vertex AI, "Introduction to Model Monitoring"; "Provide schemas to Model Monitoring" (rows of a
request are objects, or a schema names them; without one the first 1000 requests are awaited).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Data
from mlstack.spec.data import Columns
from mlstack_gcp import assets
from mlstack_gcp.baselines import form
from mlstack_gcp.kinds.served import served
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.uploads import upload_texts
from mlstack_gcp.values import join, lift

TOKEN = "mlstack:gcp:MonitoringJob"  # noqa: S105  a type
_FILE = "columns.yaml"


def build(build: Build) -> Mapping[str, Any]:
    spec, here = build.spec, place(build)
    if spec.metric is None:
        build.warn(
            "metric",
            "Vertex AI knows no psi: the threshold is held against the Jensen-Shannon divergence of numbers, "
            "and against the largest difference of categories",
        )
    name = spec.baseline.split(".")[1]
    data: Data = build.spec_of("data", name)
    columns = data.columns or Columns()
    found = served(build, spec.endpoint)
    emails, channels = _told(build)
    inputs: dict[str, Any] = {
        "project": here.project,
        "location": here.region,
        "display_name": physical(build, longest=128),
        "endpoint": found.endpoint,
        "deployed_models": list(found.ids.values()),
        "baseline": [lift(assets.data_uri(build, name), lambda uri: f"{uri}*" if uri[-1] == "/" else uri)],
        "form": form(build.root, data),
        "label": columns.label,
        "threshold": float(spec.threshold),
        "features": spec.features,
        "columns": _schema(build, name, columns),
        "sample": _sample(build),
        "interval": round(spec.interval),
        "window": round(spec.window) if spec.window is not None else None,
        "emails": emails,
        "channels": channels,
        "directory": join(here.uri, f"/mlstack/{build.stack_uid}/monitors/{build.name}"),
        "key": here.key,
        "labels": labels(build),
    }
    made = GapResource(
        TOKEN,
        build.child(),
        {key: value for key, value in inputs.items() if value is not None},
        ("job",),
        build.opts(depends_on=list(here.resources)),
    )
    return {"id": made.output("job")}


def _told(build: Build) -> tuple[list[Any], list[Any]]:
    """(addresses, channels): the job writes to people itself, with the columns that have drifted."""
    emails, channels = [], []
    for name in build.spec.notify:
        email = build.spec_of("notifications", name).email
        if email is not None:
            emails.append(email)
        else:
            channels.append(build.outputs("notifications", name)["id"])
    return emails, channels


def _sample(build: Build) -> float:
    """The job and the endpoint's logging write into one table, and so they sample alike."""
    deployments = build.spec_of("endpoints", build.spec.endpoint).deployments.values()
    return float(next(each.capture.sample for each in deployments if each.capture is not None))


def _schema(build: Build, name: str, columns: Columns) -> Any:
    """URI of the columns' types; None where the spec does not say enough of them."""
    if columns.features is None or columns.categorical is None:
        build.warn(
            "baseline",
            "monitoring begins after the first 1000 requests, from which Vertex AI learns the columns: write "
            f"features and categorical of data.{name}.columns to begin at once",
        )
        return None
    lines = ["type: object", "properties:"]
    for each in columns.features:
        kind = "string" if each in columns.categorical else "number"
        lines += [f"  {json.dumps(each)}:", f"    type: {kind}"]
    lines += ["required:", *(f"- {json.dumps(each)}" for each in columns.features)]
    uploaded = upload_texts(build, {_FILE: "\n".join(lines) + "\n"}, "columns")
    return join(uploaded.uri, _FILE)
