"""Every provider of this repository against the suite that third parties run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstack.registry import provider
from mlstack.testing import Conformance, discoverable

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"

with discoverable(EXAMPLE):
    folder = provider("folder")


@pytest.fixture(autouse=True, scope="module")
def installed() -> Iterator[None]:
    with discoverable(EXAMPLE):
        yield


class TestFolder(Conformance):
    provider = folder


class TestLocal(Conformance):
    provider = provider("local")


@pytest.mark.drawn(of=4)
class TestAzure(Conformance):
    provider = provider("azure")


@pytest.mark.drawn(of=4)
class TestAws(Conformance):
    provider = provider("aws")


@pytest.mark.drawn(of=4)
class TestGcp(Conformance):
    provider = provider("gcp")


@pytest.mark.drawn(of=4)
class TestKubernetes(Conformance):
    provider = provider("kubernetes")
