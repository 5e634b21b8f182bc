"""The engine's events, gathered."""

from __future__ import annotations

from pulumi.automation import EngineEvent

from mlstack.engine.events import Change, Journal

JOB = "urn:pulumi:dev::digits::mlstack:index:Job$mlstack:local:Job::train"


def test_a_line_of_a_log_keeps_its_indent() -> None:
    heard: list[str] = []
    journal = Journal(lambda _change, line: heard.append(line))
    journal.changes[JOB] = Change(JOB, "create")
    for line in ('  File "train.py", line 8\n', "\n"):
        message = {"urn": JOB, "message": line, "color": "never", "severity": "info"}
        journal(EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": message}))
    assert heard == ['  File "train.py", line 8']
