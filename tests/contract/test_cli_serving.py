"""The endpoint that ``up`` leaves: what it answers over HTTP and by ``mlstack invoke``, and to whom."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import requests
from sklearn.linear_model import LogisticRegression

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("cli-contract")]

ROWS = [[0.1, 0.2], [5.2, 0.1], [0.3, 4.8], [4.4, 1.0]]
INSTANCES = {"instances": ROWS}
V2 = {
    "inputs": [{"name": "x", "shape": [4, 2], "datatype": "FP64", "data": [x for row in ROWS for x in row]}]
}


def v2_address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/v2/models/scores/infer"


def post(url: str, body: Any, key: str | None) -> requests.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return requests.post(url, json=body, headers=headers, timeout=120)


def expected(served: Any) -> list[int]:
    """What the same model, trained in this process, says."""
    rows = pd.read_csv(served.folder / "points.csv")
    model = LogisticRegression(max_iter=1000).fit(rows[["x", "y"]].to_numpy(), rows["label"])
    return [int(label) for label in model.predict(np.array(ROWS))]


def test_both_protocols_answer_as_the_model_does(served: Any) -> None:
    url, key = served.endpoint()

    instances, v2 = post(url, INSTANCES, key), post(v2_address(url), V2, key)

    assert (instances.status_code, v2.status_code) == (200, 200), instances.text + v2.text
    assert instances.json()["predictions"] == expected(served) == [0, 1, 2, 1]
    (output,) = v2.json()["outputs"]
    assert output["data"] == instances.json()["predictions"]
    assert output["shape"] == [4]
    assert v2.json()["model_name"] == "scores"


@pytest.mark.parametrize("key", [None, "", "wrong", "0" * 64])
def test_nobody_is_answered_without_the_key(served: Any, key: str | None) -> None:
    url, right = served.endpoint()

    for address, body in ((url, INSTANCES), (v2_address(url), V2)):
        refused = post(address, body, key)
        assert refused.status_code == 401, refused.text
        assert "predictions" not in refused.text
        assert right not in refused.text + str(refused.headers)


def test_the_endpoint_is_on_loopback(served: Any) -> None:
    assert urlsplit(served.endpoint()[0]).hostname in {"127.0.0.1", "localhost", "::1"}


@pytest.mark.parametrize("args", [(), ("--deployment", "main")])
def test_invoke_takes_instances(served: Any, args: tuple[str, ...]) -> None:
    (served.folder.parent / "body.json").write_text(json.dumps(INSTANCES))

    ran = served.run("invoke", "scores", "--data", "../body.json", "--json", *args)

    assert ran.code == 0, ran
    assert ran.json == {"predictions": expected(served)}


def test_invoke_takes_csv_from_standard_input(served: Any) -> None:
    rows = "".join(f"{x},{y}\n" for x, y in ROWS)

    ran = served.run("invoke", "scores", "--data", "-", "--json", stdin=rows)

    assert ran.code == 0, ran
    assert ran.json == {"predictions": expected(served)}


def test_invoke_takes_the_open_inference_protocol(served: Any) -> None:
    ran = served.run("invoke", "scores", "--data", "-", "--json", stdin=json.dumps(V2))

    assert ran.code == 0, ran
    assert ran.json["outputs"][0]["data"] == expected(served)


def test_invoke_measures(served: Any) -> None:
    many = ("--repeat", "20", "--concurrency", "4")

    ran = served.run("invoke", "scores", "--data", "-", *many, "--json", stdin=json.dumps(INSTANCES))

    assert ran.code == 0, ran
    assert "p50" in ran.stdout, "percentiles of the latency"
    assert ran.json


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("invoke", "score", "--data", "-"), "scores"),
        (("invoke", "scores", "--data", "-", "--deployment", "mian"), "main"),
        (("invoke", "scores", "--data", "nowhere.json"), "nowhere.json"),
    ],
)
def test_invoke_of_what_is_not_there_is_a_usage_error(served: Any, args: tuple[str, ...], named: str) -> None:
    ran = served.run(*args, "--json", stdin=json.dumps(INSTANCES))

    assert ran.code == 2, ran
    assert named in ran.error["message"] + ran.error["remedy"]


def test_invoke_with_what_is_no_text_says_what_is_taken(served: Any) -> None:
    pd.DataFrame(ROWS, columns=["x", "y"]).to_parquet(served.folder.parent / "body.parquet")

    ran = served.run("invoke", "scores", "--data", "../body.parquet", "--json")

    assert ran.code == 2, ran
    assert "JSON or CSV" in ran.error["message"]


def test_invoke_with_rows_of_the_wrong_width_is_refused(served: Any) -> None:
    ran = served.run("invoke", "scores", "--data", "-", "--json", stdin='{"instances": [[1.0, 2.0, 3.0]]}')

    assert ran.code in {1, 2}, ran
    assert ran.error["category"] == "user"
