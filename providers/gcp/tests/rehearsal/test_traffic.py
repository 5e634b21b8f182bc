"""Deploy, undeploy, split, in every order: the traffic of an endpoint sums to 100 or is none, and goes to
models that are there. What is refused changes nothing."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from mlstack_gcp.rehearsal import GcpEmulation, vertex
from mlstack_gcp.settings import Settings

from mlstack.rehearsal import CloudFault, World
from mlstack.rehearsal.wsgi import Request

from .estate import ESTATE, PROJECT, REGION
from .sound import ENDPOINT, MESSAGES, PARENT

_IDS = st.sampled_from(["1", "22", "333"])
_SPLITS = st.dictionaries(_IDS | st.just("0"), st.sampled_from([0, 10, 40, 50, 60, 90, 100]), max_size=3)
_NEEDED = (
    "serviceaccount/account:Account",
    "storage/bucket:Bucket",
    "artifactregistry/repository:Repository",
    "vertex/aiEndpoint:AiEndpoint",
)


class Traffic(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        world = World(Path(self._folder.name) / "world.db")
        self._gcp = GcpEmulation(world, Settings(project=PROJECT), REGION)
        for kind in _NEEDED:
            self._gcp.create(f"gcp:{kind}", ESTATE[kind])
        self._post(
            f"/v1/{PARENT}/models:upload", {"model": MESSAGES["aiplatform:Model"], "modelId": "digits"}
        )
        self.deployed: set[str] = set()
        self.split: dict[str, int] = {}

    def teardown(self) -> None:
        self._folder.cleanup()

    def _post(self, path: str, body: Any, method: str = "POST", **query: str) -> bool:
        """Whether it was taken."""
        request = Request(method, path, query, {}, json.dumps(body).encode(), "http://door")
        try:
            assert vertex.serve(self._gcp.cloud, request) is not None
        except CloudFault:
            return False
        return True

    @rule(id=_IDS, split=_SPLITS)
    def deploy(self, id: str, split: dict[str, int]) -> None:
        model = MESSAGES["aiplatform:DeployedModel"] | {"id": id}
        said: dict[str, Any] = {"deployedModel": model} | ({"trafficSplit": split} if split else {})
        named = {id if key == "0" else key: value for key, value in split.items()}
        wanted = id not in self.deployed and (not split or _right(split, self.deployed | {"0"}))
        assert self._post(f"/v1/{ENDPOINT}:deployModel", said) == wanted
        if wanted:
            self.deployed.add(id)
            self.split = _live(named) if split else self.split

    @rule(id=_IDS)
    def undeploy(self, id: str) -> None:
        """Without a split: only what has no traffic goes, or the last one."""
        wanted = id in self.deployed and (not self.split.get(id) or self.deployed == {id})
        assert self._post(f"/v1/{ENDPOINT}:undeployModel", {"deployedModelId": id}) == wanted
        if wanted:
            self.deployed.discard(id)
            self.split = self.split if self.deployed else {}

    @rule(split=_SPLITS)
    def direct(self, split: dict[str, int]) -> None:
        body = {"trafficSplit": split}
        wanted = not split or _right(split, self.deployed)
        assert self._post(f"/v1/{ENDPOINT}", body, "PATCH", updateMask="trafficSplit") == wanted
        if wanted:
            self.split = _live(split)

    @invariant()
    def what_is_there_is_what_was_taken(self) -> None:
        endpoint = self._gcp.cloud.there(ENDPOINT)
        assert {one["id"] for one in endpoint.get("deployedModels", [])} == self.deployed
        there = _live(endpoint.get("trafficSplit", {}))
        assert there == self.split
        assert sum(there.values()) in (0, 100)
        assert set(there) <= self.deployed


def _right(split: dict[str, int], ids: set[str]) -> bool:
    return sum(split.values()) == 100 and set(split) <= ids


def _live(split: dict[str, int]) -> dict[str, int]:
    return {key: value for key, value in split.items() if value}


TestTraffic = Traffic.TestCase
TestTraffic.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
