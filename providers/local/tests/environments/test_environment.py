"""Real virtual environments: made by uv, used, lost, repaired, shared, collected."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlstack_local import environments
from mlstack_local.environments import python, store
from mlstack_local.layout import Layout
from mlstack_local.resources.environment import Environment, EnvironmentInputs

from mlstack.errors import TargetError
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def inputs(**changes: Any) -> EnvironmentInputs:
    given = {
        "stack_uid": "uid",
        "name": "sk",
        "python": HERE,
        "requirements": ["six==1.17.0"],
        "serving": ["idna"],
    }
    return EnvironmentInputs.model_validate({**given, **changes})


def imports(state: State, module: str) -> subprocess.CompletedProcess[str]:
    interpreter = environments.folder(state.outputs["version"]) / "bin" / "python"
    return subprocess.run(
        [interpreter, "-c", f"import {module}; print({module}.__version__)"], text=True, capture_output=True
    )


def test_it_is_real_and_holds_exactly_the_lock(context: Context, lines: list[str]) -> None:
    made = Environment().create(context, inputs())

    assert made.id == "uid/environment/sk"
    assert imports(made, "six").stdout == "1.17.0\n"
    assert imports(made, "idna").returncode == 0
    assert imports(made, "pydantic").returncode == 1  # nothing of mlstack's own is seen
    assert "six==1.17.0" in made.outputs["lock"]
    assert "--hash=sha256:" in made.outputs["lock"]
    assert not any("/" in line and str(context.root) in line for line in made.outputs["lock"].splitlines())
    assert "resolving 1 package and 1 of the serving runtime" in lines
    assert "installing 2 packages" in lines


def test_what_is_newer_in_the_index_by_now_is_not_taken(context: Context, lines: list[str]) -> None:
    then = Environment().create(context, inputs(requirements=["six==1.16.0"]))
    loose = inputs(requirements=["six"])
    state = State(then.id, loose.model_dump(), then.outputs)

    assert Environment().preview(context, loose.model_dump(), state) == then.outputs
    lines.clear()
    assert Environment().update(context, state, loose) == then.outputs
    assert not [line for line in lines if line.startswith("resolving")]


def test_an_update_resolves_anew_and_names_the_version_before_it_is_there(context: Context) -> None:
    old = Environment().create(context, inputs())
    wanted = inputs(requirements=["six==1.16.0"])

    assert Environment().preview(context, wanted.model_dump(), old) == {"version": UNKNOWN, "lock": UNKNOWN}
    new = Environment().update(context, old, wanted)

    assert new["version"] != old.outputs["version"]
    assert imports(State("", {}, new), "six").stdout == "1.16.0\n"
    unchanged = State(old.id, wanted.model_dump(), new)
    assert Environment().preview(context, wanted.model_dump(), unchanged) == new
    assert Environment().preview(context, {**wanted.model_dump(), "python": UNKNOWN}, unchanged) == {
        "version": UNKNOWN,
        "lock": UNKNOWN,
    }


def test_a_lost_one_is_seen_and_made_again_from_the_same_lock(context: Context, lines: list[str]) -> None:
    made = Environment().create(context, inputs())
    assert Environment().read(context, made) == made
    shutil.rmtree(environments.folder(made.outputs["version"]))

    assert Environment().read(context, made) is None
    lines.clear()
    again = Environment().create(context, inputs())  # the engine has forgotten it: no state to start from
    assert again.outputs == made.outputs
    assert not [line for line in lines if line.startswith("resolving")]
    assert imports(again, "six").returncode == 0


def test_one_left_half_made_is_made_anew(context: Context) -> None:
    made = Environment().create(context, inputs())
    folder = environments.folder(made.outputs["version"])
    (folder / ".complete").unlink()
    shutil.rmtree(folder / "lib")

    assert Environment().find(context, made.inputs) is None
    again = Environment().create(context, inputs())
    assert imports(again, "six").returncode == 0
    assert Environment().find(context, made.inputs) == again
    assert Environment().find(context, inputs(requirements=["six"]).model_dump()) is None


def test_two_who_meet_make_it_once(context: Context, lines: list[str]) -> None:
    def create(name: str) -> State:
        return Environment().create(context, inputs(requirements=["six==1.15.0"], name=name))

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(create, ("one", "two"))
    assert one.outputs == two.outputs
    assert lines.count("installing 2 packages") == 1


def test_after_delete_it_is_collected_when_nobody_refers_to_it(context: Context) -> None:
    wanted = inputs(requirements=["six==1.14.0"])
    mine = Environment().create(context, wanted)
    theirs = Environment().create(context, wanted.model_copy(update={"stack_uid": "other"}))
    version = mine.outputs["version"]

    Environment().delete(context, mine)
    Environment().delete(context, mine)
    assert not Layout(context.root, "uid").home.exists()
    assert version not in environments.collect(unused_seconds=0)
    assert environments.is_complete(version)

    Environment().delete(context, theirs)
    assert version not in environments.collect()  # it may well be wanted again soon
    assert version in environments.collect(unused_seconds=0)
    assert not environments.folder(version).exists()


def test_a_stack_that_was_removed_by_hand_holds_nothing(context: Context) -> None:
    made = Environment().create(context, inputs(requirements=["six==1.13.0"], stack_uid="gone"))
    shutil.rmtree(Layout(context.root, "gone").home)
    assert made.outputs["version"] in environments.collect(unused_seconds=0)


def test_pins_that_exclude_each_other(context: Context) -> None:
    with pytest.raises(ResourceFailed) as caught:
        Environment().create(context, inputs(requirements=["six==1.17.0", "six<1.10"]))
    assert caught.value.category == "user"
    assert "six==1.17.0 and six<1.10" in caught.value.message
    assert "warning" not in caught.value.message
    assert "pins" in str(caught.value.remedy)


def test_a_conflict_with_the_serving_runtime_names_both(context: Context) -> None:
    with pytest.raises(ResourceFailed) as caught:
        Environment().create(context, inputs(requirements=["idna<3"], serving=["idna>=3"]))
    assert caught.value.category == "user"
    assert "(idna<3) conflict with what mlstack's serving runtime needs (idna>=3)" in caught.value.message


def test_no_network_is_transient(context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    with pytest.raises(ResourceFailed) as caught:
        Environment().create(context, inputs())
    assert caught.value.category == "transient"
    assert "network" in str(caught.value.remedy)


def test_a_damaged_lock_is_not_installed(context: Context) -> None:
    made = Environment().create(context, inputs())
    lock = made.outputs["lock"].replace("six==1.17.0", "six==99.0")
    with pytest.raises(ResourceFailed, match="cannot be installed") as caught:
        store.make("damaged", lock, lambda: Path(sys.executable), context.root, context.log)
    assert caught.value.category == "user"
    assert not environments.is_complete("damaged")


def test_no_such_python(context: Context) -> None:
    with pytest.raises(ResourceFailed) as caught:
        Environment().create(context, inputs(python="3.99"))
    assert "no Python 3.99 on this machine" in caught.value.message
    assert HERE in str(caught.value.remedy)


def test_the_interpreter_is_not_mlstacks_own_environment(context: Context) -> None:
    found = python.find(HERE, context.root, context.log)
    prefix = subprocess.run(
        [found, "-c", "import sys; print(sys.prefix == sys.base_prefix)"], text=True, capture_output=True
    )
    assert prefix.stdout == "True\n"


def test_an_interrupt_ends_uv(context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cancelled = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, and never answers
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        threading.Timer(0.5, cancelled.set).start()
        with pytest.raises(ResourceFailed, match="interrupted"):
            Environment().create(replace(context, cancelled=cancelled), inputs())


def test_outside_the_engine_a_lost_one_is_made_again(context: Context) -> None:
    made = Environment().create(context, inputs())
    layout, version = Layout(context.root, "uid"), made.outputs["version"]
    shutil.rmtree(environments.folder(version))

    assert environments.ensure(layout, f"sk@{version}", context.log) == environments.folder(version)
    assert imports(made, "six").returncode == 0
    with pytest.raises(TargetError, match="gone"):
        environments.ensure(layout, "sk@unheard", context.log)


def test_a_bare_one_has_python_alone(context: Context) -> None:
    folder = environments.bare(context.root, context.log)
    listed = subprocess.run(
        [folder / "bin" / "python", "-c", "import importlib.metadata as m; print([*m.distributions()])"],
        text=True,
        capture_output=True,
    )
    assert listed.stdout == "[]\n"


def test_a_cache_that_cannot_be_written(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceFailed, match="cannot be written") as caught:
        Environment().create(context, inputs())
    assert caught.value.category == "permission"
