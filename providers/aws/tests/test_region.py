"""The region of a stack that names none, in the order of AWS's own tools."""

from __future__ import annotations

import pytest
from mlstack_aws import region


def test_the_sdk_s_variable_then_pulumi_s_config_then_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in region.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert region.usual(lambda _key: None) == "us-east-1"
    assert region.usual({"aws:region": "eu-west-1"}.get) == "eu-west-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert region.usual({"aws:region": "eu-west-1"}.get) == "eu-north-1"
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert region.usual(lambda _key: None) == "ap-south-1"
