"""What a state says of where its resources were made: places in the project, none of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2, source_pb2

from mlstack.engine.positions import placed


class Monitor:
    """Keeps what it is asked for, as the engine's would register it."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def RegisterResource(self, request: Any) -> str:
        self.asked.append(request)
        return "registered"

    def ReadResource(self, request: Any) -> str:
        self.asked.append(request)
        return "read"


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    made = Monitor()
    monkeypatch.setattr(settings.SETTINGS, "monitor", made)
    return made


def _frames(*paths: Path) -> dict[str, Any]:
    places = [source_pb2.SourcePosition(uri=path.as_uri(), line=n) for n, path in enumerate(paths, 1)]
    frames = [source_pb2.StackFrame(pc=place) for place in places]
    return {"sourcePosition": places[0], "stackTrace": source_pb2.StackTrace(frames=frames)}


@pytest.mark.parametrize("call", ["RegisterResource", "ReadResource"])
def test_frames_of_the_project_stay_and_others_go(monitor: Monitor, tmp_path: Path, call: str) -> None:
    main, part = tmp_path / "__main__.py", tmp_path / "parts" / "network.py"
    library = tmp_path / ".venv" / "lib" / "site-packages" / "mlstack" / "component.py"
    beside = Path(f"{tmp_path}-other") / "__main__.py"
    request = getattr(resource_pb2, f"{call}Request")(
        type="cloud:index:Thing", name="one", **_frames(library, part, beside, Path("/usr/x.py"), main)
    )
    answers = []
    placed(lambda: answers.append(getattr(monitor, call)(request)), tmp_path)()
    assert answers in (["registered"], ["read"])
    (asked,) = monitor.asked
    assert (asked.type, asked.name) == ("cloud:index:Thing", "one")
    assert [(frame.pc.uri, frame.pc.line) for frame in asked.stackTrace.frames] == [
        (part.as_uri(), 2),
        (main.as_uri(), 5),
    ]
    assert (asked.sourcePosition.uri, asked.sourcePosition.line) == (part.as_uri(), 2)


def test_of_a_spec_nothing_is_said(monitor: Monitor, tmp_path: Path) -> None:
    request = resource_pb2.RegisterResourceRequest(**_frames(Path("/usr/lib/mlstack/make.py")))
    placed(lambda: monitor.RegisterResource(request), tmp_path)()
    (asked,) = monitor.asked
    assert not asked.HasField("sourcePosition")
    assert not asked.HasField("stackTrace")
