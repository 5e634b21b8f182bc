"""Every field that becomes something on AWS is in the table of changes, or is left out for a reason."""

from __future__ import annotations

from tests.changes.fields import missing, unknown

from .table import TABLES, WHOLE

#: What the platform does not see, or has only one value that it takes.
LEFT_OUT = {
    "endpoints.type": "another type is another sort of thing, which goes before the new one comes",
    "endpoints.deployments.cpus": "the machine, as by size",
    "endpoints.deployments.memory": "the machine, as by size",
    "endpoints.deployments.gpu": "the machine, as by size",
    "endpoints.deployments.compute": "of batch alone, where it is a tag of the model",
    "endpoints.deployments.server.vllm": "what is in the image, as by container",
    "endpoints.deployments.model.from": "as model.path: where the model is",
    "endpoints.deployments.model.hub": "as model.path: where the model is",
    "endpoints.deployments.model.registry": "as model.path: where the model is",
    "endpoints.deployments.model.revision": "as model.path: where the model is",
    "notifications.pagerduty": "as webhook.secret: the address of a subscription",
    "security": "a strict stack has a network and a key more: as workspace.network and encryption_key",
    "workspace.existing": "another bucket is another place for all of the stack",
    "workspace.network": "what was not there is made: the oracle's networks show what",
    "workspace.registry": "another registry is another place for images: as environments.packages",
    "environments.existing": "as environments.image: it is used, and nothing is made",
    "models.from": "as models.path: where the model is",
    "endpoints.deployments.server.container.health": "SageMaker asks /ping alone",
    "endpoints.deployments.server.container.port": "what is in the image, as by command",
    "endpoints.rollout.in_place": "as rollout.steps: how an update goes over",
    "monitors.baseline": "monitors of data are tried by their builder (kinds/test_monitors.py)",
    "monitors.features": "monitors of data are tried by their builder (kinds/test_monitors.py)",
    "schedules.on": "rules of events are tried by their builder (work/test_builders.py)",
}


def test_every_built_field_is_changed_or_left_out_for_a_reason() -> None:
    changed = {case.field for table in (*TABLES, WHOLE) for case in table.cases}
    assert missing("aws", changed, LEFT_OUT) == set()


def test_what_is_left_out_is_built() -> None:
    assert unknown("aws", LEFT_OUT) == set()
