"""The tables of machines, against botocore's own lists."""

from __future__ import annotations

import boto3
from mlstack_aws.catalogue import CAPABILITIES, REGIONS
from mlstack_aws.catalogue.uses import uses

NAMES = {each.name for each in CAPABILITIES.instances}


def test_machines_are_those_that_sagemaker_takes() -> None:
    model = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).meta.service_model
    serving = set(model.shape_for("ProductionVariantInstanceType").enum)
    training = set(model.shape_for("TrainingInstanceType").enum)
    assert serving & training >= NAMES
    transforming = set(model.shape_for("TransformInstanceType").enum)
    assert transforming >= {each.name for each in CAPABILITIES.instances if each.gpu is None}
    lists = {"serves": serving, "trains": training, "transforms": transforming}
    assert uses() == {
        name: {use for use, names in lists.items() if name in names} for name in set().union(*lists.values())
    }


def test_each_size_is_there_or_has_a_reason() -> None:
    assert set(CAPABILITIES.sizes.values()) <= NAMES
    assert not CAPABILITIES.sizes.keys() & CAPABILITIES.no_size.keys()


def test_prices_say_that_they_are_estimates() -> None:
    priced = [price for each in CAPABILITIES.instances for price in each.prices.values()]
    assert priced
    assert all("estimate" in each.source and each.as_of for each in priced)
    assert {region for each in CAPABILITIES.instances for region in each.prices} <= set(REGIONS)
