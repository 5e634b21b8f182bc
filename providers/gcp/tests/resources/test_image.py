"""Images of an emulated Cloud Build: built once, found again, gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp import cloud
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.resources.image import Image, ImageInputs
from mlstack_gcp.resources.upload import Upload, UploadInputs
from mlstack_gcp.settings import Settings

from mlstack.door import VARIABLE
from mlstack.lowering.tree import version_of_texts
from mlstack.rehearsal import World
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.rehearsal.http import serving
from mlstack.resource import UNKNOWN, Context, ResourceFailed
from mlstack.testing import resource_lifecycle

REGION = "europe-west4"
REPOSITORY = f"{REGION}-docker.pkg.dev/ml-prod/images"
BUILDS = f"/v1/projects/ml-prod/locations/{REGION}/builds"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    emulation = GcpEmulation(World(tmp_path / "world.db"), Settings(project="ml-prod"), REGION)
    made: tuple[tuple[str, dict[str, Any]], ...] = (
        ("storage/bucket:Bucket", {"name": "machinery", "location": REGION.upper()}),
        ("serviceaccount/account:Account", {"accountId": "builder"}),
        (
            "artifactregistry/repository:Repository",
            {"repositoryId": "images", "location": REGION, "format": "DOCKER"},
        ),
    )
    for kind, inputs in made:
        emulation.create(f"gcp:{kind}", {"project": "ml-prod", **inputs})
    with serving(emulation, Faults(Plan(), emulation.world), tmp_path) as url:
        monkeypatch.setenv(VARIABLE, url)
        yield Context(tmp_path, "urn", "image")


def _inputs(context: Context, **more: Any) -> dict[str, Any]:
    texts = {"Dockerfile": "FROM python:3.11-slim\n"}
    given = UploadInputs(
        stack_uid="uid",
        home="environments/sk",
        project="ml-prod",
        bucket="machinery",
        texts=texts,
        pack=True,
        digest=version_of_texts(texts),
    )
    return {
        "stack_uid": "uid",
        "project": "ml-prod",
        "location": REGION,
        "repository": REPOSITORY,
        "name": "sk",
        "digest": given.digest,
        "context": Upload().create(context, given).outputs["uri"],
        "service_account": "builder@ml-prod.iam.gserviceaccount.com",
        **more,
    }


def _builds() -> list[dict[str, Any]]:
    return list(cloud.rest("cloudbuild", "GET", BUILDS).get("builds", []))


def test_its_life(context: Context) -> None:
    assert list(resource_lifecycle(Image(), context, _inputs(context), None)) == []


def test_it_is_tagged_with_its_hash_and_nothing_is_built_twice(context: Context) -> None:
    inputs = _inputs(context)
    told = Image().preview(context, inputs, None)
    state = Image().create(context, ImageInputs(**inputs))
    assert state.id == state.outputs["image"] == told["image"] == f"{REPOSITORY}/sk:{inputs['digest']}"
    assert state.outputs["sha256"].startswith("sha256:")
    Image().create(context, ImageInputs(**inputs))
    [build] = _builds()
    assert build["images"] == [state.id]
    assert build["serviceAccount"].endswith("/serviceAccounts/builder@ml-prod.iam.gserviceaccount.com")


def test_where_it_will_be_is_unknown_as_long_as_the_repository_is(context: Context) -> None:
    told = Image().preview(context, {"repository": UNKNOWN, "name": "sk", "digest": "d"}, None)
    assert told["image"] is UNKNOWN


def test_a_registry_of_another_kind_is_refused_with_the_way_out(context: Context) -> None:
    with pytest.raises(ResourceFailed) as caught:
        Image().create(context, ImageInputs(**_inputs(context, repository="docker.io/me")))
    assert "projects/P/locations" in str(caught.value.remedy)
