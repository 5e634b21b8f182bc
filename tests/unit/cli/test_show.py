"""Results as people read them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from mlstack.cli.show import tree
from mlstack.cli.show.live import Live
from mlstack.cli.show.names import label, owner
from mlstack.cli.show.progress import CHANGES, DOING, Lines, interruption
from mlstack.cli.show.table import table
from mlstack.engine.events import Change, Difference, Op
from mlstack.engine.operations import Result
from mlstack.program import Warned


def change(types: str, name: str, op: Op, *paths: str) -> Change:
    differences = [Difference(path, "update", False) for path in paths]
    return Change(f"urn:pulumi:dev-local::digits::{types}::{name}", op, differences)


def component(kind: str, name: str, op: Op) -> Change:
    return change(f"mlstack:index:{kind}", name, op)


def child(kind: str, own: str, name: str, op: Op, *paths: str) -> Change:
    return change(f"mlstack:index:{kind}$mlstack:local:{own}", name, op, *paths)


def result(*changes: Change, warnings: list[Warned] | None = None) -> Result:
    ops = [each.op for each in changes]
    summary = {op: ops.count(op) for op in ("create", "update", "replace", "delete", "same")}  # type: ignore[arg-type]
    return Result("dev-local", "local", summary, list(changes), warnings or [])


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (component("Endpoint", "digits", "create"), "endpoints.digits"),
        (child("Endpoint", "Endpoint", "digits", "create"), "endpoints.digits"),
        (child("Endpoint", "Deployment", "digits-blue", "create"), "endpoints.digits-blue (Deployment)"),
        (change("random:index:RandomId", "salt", "create"), "random:index:RandomId salt"),
    ],
)
def test_names(seen: Change, words: str) -> None:
    assert label(seen) == words


def test_a_child_belongs_to_the_component_whose_name_it_carries_on() -> None:
    short, long = component("Endpoint", "a", "same"), component("Endpoint", "a-b", "same")
    other = component("Job", "a-b-c", "same")
    components = [short, long, other]
    assert owner(child("Endpoint", "Deployment", "a-b-c", "create"), components) is long
    assert owner(child("Endpoint", "Deployment", "a-c", "create"), components) is short
    assert owner(child("Endpoint", "Deployment", "ab", "create"), components) is None
    assert owner(change("random:index:RandomId", "a", "create"), components) is None


def test_a_component_shows_what_happens_below_it() -> None:
    seen = result(
        component("Endpoint", "digits", "same"),
        child("Endpoint", "Endpoint", "digits", "same"),
        child("Endpoint", "Deployment", "digits-blue", "update", "env.LOG_LEVEL"),
        component("Job", "train", "same"),
        child("Job", "Job", "train", "replace", "command"),
        component("Model", "m", "same"),
        component("Data", "d", "delete"),
        component("Environment", "sk", "create"),
    )
    assert list(tree.draw(seen, resources=False, done=False)) == [
        "dev-local on local",
        "  + environments.sk",
        "  - data.d",
        "  ± jobs.train  command",
        "  ~ endpoints.digits  env.LOG_LEVEL",
        "  1 to create, 1 to update, 1 to replace, 1 to delete, 1 unchanged",
        "  cost: this target has no price list",
    ]


def test_resources_are_shown_on_demand() -> None:
    seen = result(
        component("Job", "train", "same"),
        child("Job", "Job", "train", "update", "command"),
        change("random:index:RandomId", "salt", "create"),
    )
    assert list(tree.draw(seen, resources=True, done=True))[1:4] == [
        "  ~ jobs.train",
        "      ~ mlstack:local:Job train  command",
        "  + random:index:RandomId salt",
    ]


@pytest.mark.parametrize(
    ("changes", "done", "summary"),
    [
        (
            [component("Job", "a", "same"), component("Job", "b", "same")],
            True,
            "nothing to change (2 unchanged)",
        ),
        ([], False, "nothing there"),
        ([component("Job", "a", "create")], True, "1 created"),
    ],
)
def test_the_summary_in_words(changes: list[Change], done: bool, summary: str) -> None:
    assert f"  {summary}" in list(tree.draw(result(*changes), resources=False, done=done))


def test_warnings_come_last() -> None:
    warned = Warned("no-effect", "endpoints.digits", "cpus", "has no effect here")
    drawn = list(
        tree.draw(result(component("Job", "a", "create"), warnings=[warned]), resources=False, done=True)
    )
    assert drawn[-1] == "  warning: endpoints.digits.cpus: has no effect here"


def test_endpoints_say_where_they_are_and_how_to_ask() -> None:
    drawn = "\n".join(tree.endpoints({"endpoints": {"digits": {"url": "http://127.0.0.1:8700/"}}}))
    assert "http://127.0.0.1:8700/" in drawn
    assert "mlstack invoke digits" in drawn
    assert list(tree.endpoints({"url": "x"})) == []


def test_long_lists_of_fields_are_cut() -> None:
    seen = result(component("Job", "a", "same"), child("Job", "Job", "a", "update", *"bcdefg"))
    assert "  ~ jobs.a  b, c, d, e and 2 more" in list(tree.draw(seen, resources=False, done=False))


def test_what_comes_and_goes_below_a_component_is_named() -> None:
    seen = result(
        component("Endpoint", "wine", "same"),
        child("Endpoint", "Endpoint", "wine", "same"),
        child("Endpoint", "Deployment", "wine-old", "delete"),
        child("Endpoint", "Deployment", "wine-new", "create"),
        child("Endpoint", "Traffic", "wine-traffic", "update", "weights.old"),
    )
    assert "  ~ endpoints.wine  - deployment old, + deployment new, weights.old" in list(
        tree.draw(seen, resources=False, done=False)
    )


@pytest.mark.parametrize(("op", "drawn"), [("create", "  + models.m"), ("delete", "  - models.m")])
def test_a_component_whose_only_resource_was_gone(op: Op, drawn: str) -> None:
    seen = result(component("Model", "m", "same"), child("Model", "Model", "m", op))
    assert drawn in list(tree.draw(seen, resources=False, done=False))


def test_progress_is_a_line_per_event(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(CHANGES)
    job = child("Job", "Job", "train", "create")
    for phase in ("start", "epoch 1", "done"):
        lines.listen(job, phase)
    lines.listen(child("Model", "Model", "m", "delete"), "failed")
    lines.listen(component("Job", "train", "create"), "start")
    lines.listen(child("Data", "Data", "d", "same"), "done")
    lines.listen(child("Data", "Data", "d", "refresh"), "done")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "creating  jobs.train",
        "          jobs.train: epoch 1",
        "created   jobs.train (0.0s)",
        "failed    models.m",
    ]


def test_a_refresh_shows_what_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    Lines(DOING).listen(child("Data", "Data", "d", "refresh"), "done")
    assert capsys.readouterr().err == "read      data.d (0.0s)\n"


def test_what_an_interruption_ended_has_not_failed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(CHANGES)
    lines.interrupted(1)
    lines.listen(child("Job", "Job", "train", "create"), "failed")
    assert capsys.readouterr().err.splitlines()[-1] == "stopped   jobs.train"


def test_the_second_interruption_says_something_else() -> None:
    assert "Ctrl-C again" in interruption(1)
    assert "at once" in interruption(2)


def test_columns_are_aligned() -> None:
    assert table([("a", "bb", ""), ("ccc", "d", "e")]) == ["a    bb", "ccc  d   e"]
    assert table([]) == []


def test_reading_what_is_large_is_worth_two_lines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = Lines(CHANGES)
    for done in (0, 10**9, 3 * 10**9):
        lines.hashing(tmp_path / "big.bin", done, 3 * 10**9)
    for done in (0, 1000):
        lines.hashing(tmp_path / "small.bin", done, 1000)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "hashing   big.bin (3.0 GB)"
    assert re.fullmatch(r"hashed    big\.bin \(\d\.\ds\)", second)


def test_on_a_terminal_a_bar_shows_what_takes_long(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Live(CHANGES) as live:
        live.hashing(tmp_path / "quick.bin", 0, 4 * 10**9)
        live.hashing(tmp_path / "quick.bin", 4 * 10**9, 4 * 10**9)
        live.hashing(tmp_path / "big.bin", 0, 4 * 10**9)
        live.hashing(tmp_path / "big.bin", 10**9, 4 * 10**9)
        shown = ""
        while "big.bin" not in shown:
            shown += capsys.readouterr().err
            time.sleep(0.05)
    assert "1.0 GB of 4.0 GB" in shown
    assert "\u2501" in shown
    assert "quick.bin" not in shown
