"""What a server keeps of requests and answers, read back from its files."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from mlstack_serving.capturing import Recorder, Row, sampled
from mlstack_serving.config import Config

ROWS = {"instances": [[0.5] * 64]}


def kept(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def row(number: int, size: int = 10, moment: float = 1767323045.0) -> Row:
    return Row(moment + number, f"id-{number}", "/", 200, 0.01, "application/json", b"x" * size, b"y")


def recorder(folder: Path, **settings: Any) -> Recorder:
    return Recorder(Config(model="m", capture=str(folder), deployment="main", **settings))


def test_what_was_asked_and_answered_is_kept(launch: Any, digits: Any, tmp_path: Path) -> None:
    folder, key = tmp_path / "captures", tmp_path / "key"
    key.write_text("the-key")
    server = launch(
        *("--model", str(digits[0]), "--capture", str(folder), "--deployment", "blue"),
        *("--key-file", str(key)),
    ).wait_ready()
    shown = {"authorization": "Bearer the-key"}
    answered = server.post("/", json=ROWS, headers={**shown, "x-request-id": "one"})
    refused = server.post("/predict", json={"instances": [["word"] * 64]}, headers=shown)
    assert (answered.status_code, refused.status_code) == (200, 400)
    assert server.post("/", json=ROWS).status_code == 401
    server.get("/v2/health/ready")
    assert server.stop() == 0

    first, second = kept(folder)
    assert (first["request_id"], first["deployment"], first["path"], first["status"]) == (
        "one",
        "blue",
        "/",
        200,
    )
    assert base64.b64decode(first["response"]) == answered.content
    assert json.loads(base64.b64decode(first["request"])) == ROWS
    assert first["content_type"] == "application/json"
    assert abs(first["time"] - time.time()) < 120
    assert (second["path"], second["status"]) == ("/predict", 400)


def test_the_page_of_metrics_counts_them(launch: Any, digits: Any, tmp_path: Path) -> None:
    server = launch("--model", str(digits[0]), "--capture", str(tmp_path / "captures")).wait_ready()
    assert server.post("/", json=ROWS).status_code == 200
    end = time.monotonic() + 60
    while 'mlstack_captured_requests_total{model="model"} 1' not in server.get("/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert len(kept(tmp_path / "captures")) == 1


def test_a_folder_that_cannot_be_written_to_fails_no_request(
    launch: Any, digits: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    server = launch("--model", str(digits[0]), "--capture", str(tmp_path / "file" / "below")).wait_ready()
    assert server.post("/", json=ROWS).status_code == 200
    server.wait_for_log("1 requests could not be captured")
    assert 'mlstack_capture_dropped_total{model="model",reason="failed"} 1' in server.get("/metrics").text


def test_a_part_of_the_requests_is_kept_by_their_ids(tmp_path: Path) -> None:
    made = recorder(tmp_path, capture_sample=0.25)
    for number in range(400):
        made.offer(row(number))
    made.close()
    wanted = [f"id-{number}" for number in range(400) if sampled(f"id-{number}".encode(), 0.25)]
    assert [each["request_id"] for each in kept(tmp_path)] == wanted
    assert 50 < len(wanted) < 150


def test_a_large_body_is_dropped_and_counted(tmp_path: Path) -> None:
    made = recorder(tmp_path)
    made.offer(row(0, size=(1 << 20) + 1))
    made.offer(row(1, size=1 << 20))
    made.close()
    assert [each["request_id"] for each in kept(tmp_path)] == ["id-1"]
    assert made.dropped == {"large": 1}


def test_two_servers_share_a_folder(tmp_path: Path) -> None:
    both = [recorder(tmp_path), recorder(tmp_path)]
    for number, made in enumerate(both):
        made.offer(row(0)._replace(request_id=f"of-{number}"))
    for made in both:
        made.close()
    assert len([*tmp_path.iterdir()]) == 2
    assert sorted(each["request_id"] for each in kept(tmp_path)) == ["of-0", "of-1"]


def test_a_file_that_is_old_goes_and_a_new_one_stays(tmp_path: Path) -> None:
    import os

    old, new = (tmp_path / f"2026010{day}T000000.000000-other.jsonl" for day in (1, 2))
    for file in (old, new):
        file.write_text("")
    os.utime(old, (time.time() - 7200,) * 2)
    recorder(tmp_path, capture_keep=3600.0).close()
    assert [*tmp_path.iterdir()] == [new]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"capture_sample": 1.5}, "--capture-sample: must be from 0 to 1"),
        ({"capture_rotate": 0.0}, "--capture-rotate: must be above 0"),
        ({"capture_keep": -1.0}, "--capture-keep: must be above 0"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, float], words: str) -> None:
    from mlstack_serving.errors import UsageError

    with pytest.raises(UsageError, match=words):
        Config(model="m", **settings)  # type: ignore[arg-type]
