"""The server describes itself: by a document whose example it answers, and a page that needs nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

CONTRACTS = {
    "v2": "/v2/health/ready",
    "kserve": "/v2/health/ready",
    "sagemaker": "/ping",
    "vertex": "/health",
    "azureml": "/ready",
}


def described(server: Any) -> Any:
    answer = server.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def wait(server: Any, path: str) -> Any:
    server.wait_for_log("is ready after")
    assert server.get(path).status_code == 200
    return server


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_is_described_and_its_examples_work(launch: Any, wine: Any, contract: str) -> None:
    server = launch("--model", str(wine[0]), "--contract", contract, "--host", "127.0.0.1")
    document = described(wait(server, CONTRACTS[contract]))
    validate(document)
    tried = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if method == "get":
                assert server.get(path).status_code == 200
            elif "application/json" in content:
                answer = server.post(path, json=content["application/json"]["example"])
                assert answer.status_code == 200, (path, answer.text)
                shown = operation["responses"]["200"]["content"]["application/json"].get("example")
                assert shown is None or answer.json() == shown
                tried += 1
    assert tried == {"v2": 3, "kserve": 2}.get(contract, 1)


def test_the_row_of_a_model_with_columns_is_described(wine_server: Any) -> None:
    row = described(wine_server)["components"]["schemas"]["Row"]
    record, array = row["oneOf"]
    assert list(record["properties"]) == ["alcohol", "malic_acid", "hue"]
    assert record["required"] == ["alcohol", "malic_acid", "hue"]
    assert (array["minItems"], array["maxItems"]) == (3, 3)


def test_code_that_reads_the_body_itself_has_a_description_without_an_example(
    launch: Any, tmp_path: Path
) -> None:
    (tmp_path / "score.py").write_text("def run(raw_data):\n    return raw_data\n")
    document = described(wait(launch("--code", str(tmp_path)), "/v2/health/ready"))
    validate(document)
    assert document["paths"]["/predict"]["post"]["requestBody"]["content"] == {
        "application/json": {"schema": {}}
    }


def test_code_of_ones_own_is_not_called_to_try_an_example(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(
        f"def run(data):\n    open({str(tmp_path / 'called')!r}, 'w').close()\n    return [1]\n"
    )
    (tmp_path / "mlstack-schema.json").write_text('{"inputs": [{"name": "age", "type": "number"}]}')
    document = described(wait(launch("--code", str(tmp_path)), "/v2/health/ready"))
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert content["application/json"]["example"] == {"instances": [{"age": 0.0}]}
    assert not (tmp_path / "called").exists()


def test_the_page_needs_nothing_from_elsewhere(digits_server: Any) -> None:
    answer = digits_server.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    assert re.findall(r"""(?:src|href)\s*=|https?://|@import|url\(""", answer.text) == []
    # Only paths that hold behind a prefix, too.
    assert re.findall(r"""fetch\(["'`]/""", answer.text) == []


def test_the_description_waits_for_the_model(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text(
        "import time\ndef init():\n    time.sleep(60)\ndef run(data):\n    return 1\n"
    )
    server = launch("--code", str(tmp_path), "--drain", "0")
    assert server.get("/openapi.json").status_code == 503
    assert server.get("/docs").status_code == 200
