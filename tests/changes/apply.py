"""A table of changes, applied by the real command line and engine to a stack that is rehearsed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.changes.table import Table
from tests.e2e.rehearsal.clouds import known
from tests.e2e.rehearsal.stage import COUNTED, Stage, changes

#: Files that the specs of all targets may name.
FILES = {
    "src/train.py": "print('one')\n",
    "src-other/train.py": "print('other')\n",
    "serve/score.py": "def run(data):\n    return data\n",
    "serve/other.py": "def run(data):\n    return [data]\n",
    "serve-other/score.py": "def run(data):\n    return None\n",
    "data/one.csv": "x,label\n1,0\n",
    "data/two.csv": "x,label\n2,1\n",
    "model/one/model.txt": "one\n",
    "model/two/model.txt": "two\n",
    "build/Dockerfile": "FROM python:3.11-slim\n",
    "build/Other": "FROM python:3.12-slim\n",
    "conda.yml": "name: one\ndependencies: [python=3.11]\n",
    "other.yml": "name: one\ndependencies: [python=3.12]\n",
    "requirements.txt": "six==1.16.0\n",
    "other.txt": "six==1.17.0\n",
}
#: And the variables that their secrets are read from.
VARIABLES = {"FIRST_TOKEN": "https://one.example.com/hook", "SECOND_TOKEN": "https://two.example.com/hook"}


def applied(stage: Stage, table: Table, ours: tuple[str, ...]) -> None:
    """Make the table's stack, change all of it, and look again: what happens is what the table says.

    ``ours``: see `by_component`.
    """
    for name, text in FILES.items():
        (stage.root / name).parent.mkdir(parents=True, exist_ok=True)
        (stage.root / name).write_text(text, encoding="utf-8")
    stage.write(table.spec())
    made = stage.up()
    there = _things(stage)

    stage.write(table.spec(changed=[case.name for case in table.cases]))
    done = stage.up("--confirm", f"dev-{table.base['cloud']}")
    happened = by_component(done, ours)
    for job in _run(made, done, _things(stage) - there):
        happened.setdefault(f"jobs.{job}", Counter())["run Job"] += 1
    wrong = [case.wrong(happened.pop(f"{case.kind}.{case.name}", Counter())) for case in table.cases]
    assert [each for each in wrong if each] == []
    assert happened == {}, "something that nobody changed"
    rerun = {f"{case.kind}.{case.name}" for case in table.cases if case.after.get("rerun") == "always"}
    again = stage("preview")
    assert set(by_component(again, ours)) <= rerun, "once applied, nothing is left to change"
    assert not changes(again) or rerun


def _things(stage: Stage) -> set[str]:
    """All that the cloud holds, by id, with what mlstack's own resources have made."""
    return {id for id, *_ in known(stage.cloud).things(stage.behind())}


def _run(before: Mapping[str, Any], after: Mapping[str, Any], new: set[str]) -> list[str]:
    """The jobs that have another run than before: just so many runs are new on the platform."""
    was, now = (
        {name: _last(job["id"]) for name, job in answer["outputs"].get("jobs", {}).items()}
        for answer in (before, after)
    )
    found = [name for name, run in now.items() if run != was.get(name)]
    sorts = {sort for sort, _ in now.values()}
    assert {_last(id) for id in new if _last(id)[0] in sorts} == {now[name] for name in found}
    return found


def _last(id: str) -> tuple[str, str]:
    """The last two steps of an id: what sort of thing it is, and which."""
    sort, _, name = id.lower().rpartition("/")
    return sort.rpartition("/")[2], name


def by_component(answer: Mapping[str, Any], ours: tuple[str, ...]) -> dict[str, Counter[str]]:
    """What happened to the platform's resources below each component. ``ours`` are types of mlstack's own
    that do not count by themselves: what they do shows on the platform."""
    found: dict[str, Counter[str]] = {}
    for each in answer["resources"]:
        kind = each["type"].rpartition(":")[2]
        if each["op"] in COUNTED and not each["type"].startswith("mlstack:index:") and kind not in ours:
            of = found.setdefault(f"{each['kind']}.{each['name'].partition('-')[0]}", Counter())
            of[f"{each['op']} {kind}"] += 1
    return found
