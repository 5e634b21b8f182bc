"""AWS's own images: each region has them in an account of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_aws.catalogue import images
from mlstack_aws.rehearsal.rules.base import DOCS, Problem, View, rule

_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@/]+)(?:[:@].*)?")
#: Operation -> where an image stands in its parameters.
_PLACES = {
    "CreateModel": ("PrimaryContainer.Image",),
    "CreateTrainingJob": ("AlgorithmSpecification.TrainingImage",),
    "CreateProcessingJob": ("AppSpecification.ImageUri",),
    "CreateDataQualityJobDefinition": ("DataQualityAppSpecification.ImageUri",),
    "CreateModelQualityJobDefinition": ("ModelQualityAppSpecification.ImageUri",),
    "CreateModelBiasJobDefinition": ("ModelBiasAppSpecification.ImageUri",),
    "CreateModelExplainabilityJobDefinition": ("ModelExplainabilityAppSpecification.ImageUri",),
}


@rule("prebuilt-account", "sagemaker", *_PLACES,
      source=DOCS + "sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html; "
      "aws/sagemaker-python-sdk: image_uri_config/*.json")  # fmt: skip
def account(x: View) -> Iterator[Problem]:
    texts = [(path, x.text(path)) for paths in _PLACES.values() for path in paths]
    texts += [(one.path("Image"), one.text("Image")) for one in x.list("Containers")]
    for path, text in texts:
        match = _ECR.fullmatch(text)
        if match is None or match[3] not in images.REPOSITORIES:
            continue
        right = images.account(match[3], match[2])
        # an account's own repository may be called so, too
        if match[1] == right or match[1] not in images.accounts(images.REPOSITORIES[match[3]]).values():
            continue
        where = f"account {right}" if right else "none"
        yield path, f"{text!r}: region {match[2]} has {match[3]} in {where}"
