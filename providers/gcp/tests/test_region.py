"""The region of a stack that names none, in the order of Google's own tools."""

from __future__ import annotations

import pytest
from mlstack_gcp import region


def test_the_sdk_s_variable_then_pulumi_s_config_then_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in region.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert region.usual(lambda _key: None) == "us-central1"
    assert region.usual({"gcp:region": "europe-west4"}.get) == "europe-west4"
    monkeypatch.setenv("CLOUDSDK_COMPUTE_REGION", "europe-west1")
    assert region.usual({"gcp:region": "europe-west4"}.get) == "europe-west1"
    monkeypatch.setenv("GOOGLE_REGION", "asia-east1")
    assert region.usual(lambda _key: None) == "asia-east1"
