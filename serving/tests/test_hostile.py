"""Requests that try to break the server: each is refused with the field named, and the server goes on."""

from __future__ import annotations

import gzip
import io
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from serving.tests.conftest import Server
from serving.tests.contracts.container import ROWS, SUMS, Container

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
PREDICT, INFER = "/predict", "/v2/models/model/infer"


@dataclass(frozen=True)
class Bad:
    """A request, the statuses that are right for it, and how the field begins that the answer names."""

    route: str
    body: bytes
    names: str
    content_type: str = JSON
    status: tuple[int, ...] = (400,)
    headers: dict[str, str] = field(default_factory=dict)


def rows(text: str, names: str = "instances", **options: Any) -> Bad:
    return Bad(PREDICT, b'{"instances": ' + text.encode() + b"}", names, **options)


def table(text: str, names: str = "body", **options: Any) -> Bad:
    return Bad(PREDICT, text.encode(), names, CSV, **options)


def tensor(names: str, **changes: Any) -> Bad:
    made = {"name": "x", "datatype": "FP64", "shape": [1, 3], "data": [1.0, 2.0, 3.0], **changes}
    return Bad(INFER, json.dumps({"inputs": [made]}).encode(), names)


def infer(text: str, names: str) -> Bad:
    return Bad(INFER, text.encode(), names)


GOOD = '{"name": "x", "datatype": "FP64", "shape": [1, 3], "data": [1, 2, 3]}'
TREE = '{"a":' * 900 + "1" + "}" * 900

CASES = {
    "NaN": rows("[[NaN, 1, 2]]", "body"),
    "minus infinity": rows("[[-Infinity, 1, 2]]", "body"),
    "more than a double holds": rows("[[1e400, 1, 2]]", ""),
    "an integer of 400 digits": rows(f"[[{'9' * 400}, 1, 2]]", ""),
    "an integer of 5000 digits": rows(f"[[{'9' * 5000}, 1, 2]]", ""),
    "lists, 900 deep": rows("[" * 900 + "1" + "]" * 900, ""),
    "objects, 900 deep": rows(f"[{TREE}]", ""),
    "lists, 50000 deep": rows("[" * 50000 + "1" + "]" * 50000, "body"),
    "the key twice": Bad(PREDICT, b'{"instances": [[1, 2, 3]], "instances": [[4, 5, 6]]}', ""),
    "a column twice": rows('[{"a": 1, "a": 2, "b": 3}]', ""),
    "cut off": Bad(PREDICT, b'{"instances": [[1, 2, 3]', "body"),
    "something behind it": Bad(PREDICT, b'{"instances": [[1, 2, 3]]} x', "body"),
    "a comma too many": Bad(PREDICT, b'{"instances": [[1, 2, 3],]}', "body"),
    "single quotes": Bad(PREDICT, b"{'instances': [[1, 2, 3]]}", "body"),
    "a zero byte": Bad(PREDICT, b'{"instances": [[1, 2, 3]]}\x00', "body"),
    "half a character": Bad(PREDICT, b'{"instances": ["\xc3"]}', "body"),
    "utf-16": Bad(PREDICT, '{"instances": [[1, 2, 3]]}'.encode("utf-16"), "body"),
    "latin-1 said": Bad(
        PREDICT, b'{"instances": ["\xe9"]}', "content-type", f"{JSON}; charset=latin-1", (415,)
    ),
    "half a surrogate pair": rows('["\\ud800", "x"]'),
    "a null column": rows("[[null, 1, 2], [null, 3, 4]]"),
    "an object for a number": rows('[[{"a": 1}, 2, 3]]'),
    "text for a number": rows('[["one", 2, 3]]'),
    "a number as text, and a word": rows('[["1", "2", "x"]]'),
    "a list for a number": rows("[[[1], [2], [3]]]"),
    "a cube": rows("[[[1, 2, 3]], [[1, 2, 3]]]"),
    "ragged": rows("[[1, 2, 3], [1, 2]]"),
    "a row that is null": rows("[null]"),
    "a row among numbers": rows("[[1, 2, 3], 4]"),
    "no rows": rows("[]"),
    "rows of nothing": rows("[[], []]"),
    "instances an object": rows('{"a": [1, 2, 3]}'),
    "instances null": rows("null"),
    "one feature too many": rows("[[1, 2, 3, 4]]"),
    "objects for a model without names": rows('[{"a": 1, "b": 2}]'),
    "columns of other rows": rows('[{"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "d": 3}]'),
    "json is a number": Bad(PREDICT, b"3", "instances"),
    "json is a text": Bad(PREDICT, b'"instances"', "instances"),
    "another datatype": tensor("inputs[0].datatype", datatype="BF16"),
    "the datatype in small letters": tensor("inputs[0].datatype", datatype="fp64"),
    "the datatype null": tensor("inputs[0].datatype", datatype=None),
    "a shape of more": tensor("inputs[0].shape", shape=[2, 3]),
    "a shape of the universe": tensor("inputs[0].shape", shape=[10**12, 10**12, 10**12]),
    "a shape that overflows to three": tensor("inputs[0].shape", shape=[2**64 + 1, 3]),
    "a shape of fractions": tensor("inputs[0].shape", shape=[1.0, 3.0]),
    "a shape of truths": tensor("inputs[0].shape", shape=[True, 3]),
    "a shape of texts": tensor("inputs[0].shape", shape=["1", "3"]),
    "a shape below zero twice": tensor("inputs[0].shape", shape=[-1, -3]),
    "a shape without end": tensor("inputs[0].shape", shape=[1] * 100 + [3]),
    "no rows in the tensor": tensor("inputs[0]", shape=[0, 3], data=[]),
    "data ragged": tensor("inputs[0].data", data=[[1, 2, 3], [1]]),
    "data with objects": tensor("inputs[0].data", data=[1, {"a": 1}, 3]),
    "data with lists within": tensor("inputs[0].data", data=[1, [2], 3]),
    "data null": tensor("inputs[0].data", data=None),
    "data a text": tensor("inputs[0].data", data="123"),
    "null in a float, for a model without": tensor("inputs[0]", data=[None, 1, 2]),
    "null in an integer": tensor("inputs[0].data", datatype="INT64", data=[None, 1, 2]),
    "an integer that does not fit": tensor("inputs[0].data", datatype="INT64", data=[2**63, 1, 2]),
    "an integer that fits nothing": tensor("inputs[0].data", datatype="UINT64", data=[10**400, 1, 2]),
    "a float that does not fit": tensor("inputs[0].data", datatype="FP32", data=[1e39, 1, 2]),
    "a fraction for an integer": tensor("inputs[0].data", datatype="UINT8", data=[1.5, 1, 2]),
    "truth for a number": tensor("inputs[0].data", data=[True, 1, 2]),
    "a number for truth": tensor("inputs[0].data", datatype="BOOL", data=[2, 1, 0]),
    "a number for a text": tensor("inputs[0].data", datatype="BYTES", data=[2, 1, 0]),
    "texts for a model of numbers": tensor("inputs[0]", datatype="BYTES", data=["a", "b", "c"]),
    "a name that is empty": tensor("inputs[0].name", name=""),
    "a name that is a list": tensor("inputs[0].name", name=["x"]),
    "inputs an object": infer('{"inputs": {"x": [1]}}', "inputs"),
    "inputs null": infer('{"inputs": null}', "inputs"),
    "inputs twice": infer(f'{{"inputs": [], "inputs": [{GOOD}]}}', ""),
    "the same tensor twice": infer(f'{{"inputs": [{GOOD}, {GOOD}]}}', "inputs[1].name"),
    "tensors of other lengths": infer(
        f'{{"inputs": [{GOOD}, {GOOD.replace("x", "y").replace("1, 3]", "3, 1]")}]}}', "inputs"
    ),
    "id an object": infer(f'{{"id": {{}}, "inputs": [{GOOD}]}}', "id"),
    "parameters a list": infer(f'{{"parameters": [1], "inputs": [{GOOD}]}}', "parameters"),
    "outputs a text": infer(f'{{"outputs": "predict", "inputs": [{GOOD}]}}', "outputs"),
    "outputs with null": infer(f'{{"outputs": [null], "inputs": [{GOOD}]}}', "outputs[0]"),
    "an unknown output": infer(f'{{"outputs": [{{"name": "x"}}], "inputs": [{GOOD}]}}', "outputs[0].name"),
    "csv, a quote that never ends": table('"1,2,3\n'),
    "csv, a quote within": table('1,"2"x,3\n'),
    "csv, ragged": table("1,2,3\n4,5\n"),
    "csv, words": table("1,2,3\n4,x,6\n"),
    "csv, more than a double holds": table("1e400,1,2\n"),
    "csv, infinity": table("inf,1,2\n"),
    "csv, an integer of 5000 digits": table(f"{'9' * 5000},1,2\n"),
    "csv, only commas": table(",,\n,,\n"),
    "csv, a zero byte": table("1,2,\x003\n"),
    "csv, nothing": table(""),
    "csv, other columns": table("a,b\n1,2\n"),
    "csv, semicolons": table("1;2;3\n"),
    "csv, latin-1": Bad(PREDICT, "1,2,é\n".encode("latin-1"), "body", CSV),
    "gzip": Bad(
        PREDICT,
        gzip.compress(b'{"instances": [[1, 2, 3]]}'),
        "content-encoding",
        status=(415,),
        headers={"content-encoding": "gzip"},
    ),
    "gzip, not said": Bad(PREDICT, gzip.compress(b'{"instances": [[1, 2, 3]]}'), "body"),
    "a form": Bad(PREDICT, b"a=1", "content-type", "application/x-www-form-urlencoded", (415,)),
    "a part of a form": Bad(PREDICT, b"--x--", "content-type", "multipart/form-data; boundary=x", (415,)),
    "a content type of rubbish": Bad(PREDICT, b"{}", "content-type", "rubbish", (415,)),
    "a content type of nothing but parameters": Bad(PREDICT, b"{}", "content-type", ";;;===", (415,)),
    "xml": Bad(PREDICT, b"<a/>", "content-type", "text/xml", (415,)),
    "csv for an inference request": Bad(INFER, b"1,2,3\n", "content-type", CSV, (415,)),
    "csv without its type": Bad(PREDICT, b"1,2,3\n", "body"),
    "no body": Bad(PREDICT, b"", "body"),
    "only spaces": Bad(PREDICT, b"  \n ", "body"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Container(tmp_path_factory.mktemp("hostile"))
    yield made.start("--model", str(made.model), "--port", "0").wait_ready()
    made.stop()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all: what a refusal left unread would spoil the next answer."""
    with requests.Session() as made:
        yield made


def still_answers(server: Server, session: requests.Session) -> None:
    answer = session.post(server.url + PREDICT, json={"instances": ROWS}, timeout=120)
    assert answer.json()["predictions"] == pytest.approx(SUMS)


@pytest.mark.parametrize("name", CASES)
def test_is_refused_with_the_field(server: Server, session: requests.Session, name: str) -> None:
    bad = CASES[name]
    headers = {"content-type": bad.content_type, **bad.headers}
    answer = session.post(server.url + bad.route, data=bad.body, headers=headers, timeout=120)
    assert answer.status_code in bad.status, answer.text[:500]
    assert answer.headers["content-type"] == JSON
    said = answer.json()
    assert set(said) == {"error", "field"}
    assert said["error"]
    assert said["field"]
    assert said["field"].startswith(bad.names)
    assert "Traceback" not in answer.text
    assert len(answer.content) < 2000
    still_answers(server, session)


class Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> Any:
        return (open, (str(self.proof), "w"))


@pytest.mark.parametrize("content_type", [NPY, JSON, CSV, "application/octet-stream", "application/x-pickle"])
def test_a_pickle_is_never_loaded(server: Server, tmp_path: Path, content_type: str) -> None:
    proof = tmp_path / "ran"
    stream = io.BytesIO()
    np.save(stream, np.array([Trap(proof)], dtype=object), allow_pickle=True)
    for body in (stream.getvalue(), pickle.dumps(Trap(proof))):
        answer = server.post(PREDICT, data=body, headers={"content-type": content_type})
        assert answer.status_code in (400, 415)
        assert answer.json()["field"] in ("body", "content-type")
    assert not proof.exists()


@pytest.mark.parametrize(
    ("method", "route", "status"),
    [
        ("GET", PREDICT, 405),
        ("DELETE", PREDICT, 405),
        ("PUT", INFER, 405),
        ("GET", INFER, 405),
        ("POST", "/v2/health/live", 405),
        ("POST", "/metrics", 405),
        ("PATCH", PREDICT, 405),
        ("GET", "/nothing", 404),
        ("POST", "/v2/models/other/infer", 404),
        ("POST", "/v2/models//infer", 404),
        ("POST", "/v2/models/%00/infer", 404),
        ("GET", "/v2/models/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/" + "a" * 5000, 404),
    ],
)
def test_what_is_not_there(server: Server, method: str, route: str, status: int) -> None:
    answer = requests.request(method, server.url + route, json={"instances": ROWS}, timeout=120)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)
    if status == 405:
        assert answer.headers["allow"]
