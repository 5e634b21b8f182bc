"""Ids by inputs, for recovery."""

from __future__ import annotations

import pytest

from mlstack.registry import provider

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, "b"),
        ("aws:s3/bucket:Bucket", {}, None),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "name": "stack"}, "r:stack"),
        ("aws:sagemaker/endpoint:Endpoint", {"name": "digits"}, "digits"),
        ("aws:sns/topic:Topic", {"name": "alerts", "region": "eu-west-1"}, TOPIC),
        ("aws:kms/key:Key", {"description": "x"}, None),
        ("mlstack:aws:Upload", {}, None),
    ],
)
def test_an_id_is_what_the_inputs_say(token: str, inputs: dict[str, str], expected: str | None) -> None:
    known = ["arn:aws:iam::123456789012:role/one"]
    assert provider("aws").identify(token, inputs, {}, known) == expected
