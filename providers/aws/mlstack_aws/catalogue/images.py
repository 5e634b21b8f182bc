"""AWS's own images: in which account each region has them, as data.

``images.csv``: family, region, account, as aws/sagemaker-python-sdk has them at commit a2481266 (2026-08-21),
sagemaker-core/src/sagemaker/core/image_uri_config/{sklearn,xgboost,pytorch,tensorflow,djl-lmi,model-monitor,
clarify}.json: "registries". The repositories of a family are in the same account of a region.
"""

from __future__ import annotations

from functools import cache

from mlstack.lowering import catalogue

#: Repository -> family.
REPOSITORIES = {
    "sagemaker-scikit-learn": "sklearn",
    "sagemaker-xgboost": "sklearn",
    "pytorch-inference": "deep-learning",
    "pytorch-training": "deep-learning",
    "tensorflow-inference": "deep-learning",
    "tensorflow-training": "deep-learning",
    "huggingface-pytorch-inference": "deep-learning",
    "huggingface-pytorch-training": "deep-learning",
    "huggingface-pytorch-tgi-inference": "deep-learning",
    "djl-inference": "deep-learning",
    "sagemaker-model-monitor-analyzer": "model-monitor",
    "sagemaker-clarify-processing": "clarify",
}


@cache
def accounts(family: str) -> dict[str, str]:
    """Account by region."""
    rows = catalogue.rows("mlstack_aws.catalogue", "images.csv")
    return {row["region"]: row["account"] for row in rows if row["family"] == family}


def account(repository: str, region: str) -> str | None:
    """None: the region has no such image, as far as is known."""
    return accounts(REPOSITORIES[repository]).get(region)
