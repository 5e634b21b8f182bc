"""The tables of changes on AWS: as CloudFormation's resource types and terraform-provider-aws's code say."""

from __future__ import annotations

from pathlib import Path

from tests.changes.table import Changes

CHANGES = Changes(
    cloud="aws",
    folder=Path(__file__).parent,
    region="eu-west-1",
    base={
        "settings": {"aws": {"role_arn": "arn:aws:iam::123456789012:role/ml"}},
        "workspace": {"existing": "ml-bucket"},
        "environments": {"base": {"image": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/it:1"}},
    },
    left_out={  # what the platform does not see, or has only one value that it takes
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
    },
)
