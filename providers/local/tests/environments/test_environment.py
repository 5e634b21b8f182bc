"""Real virtual environments: made by uv, used, lost, repaired, shared, collected."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from mlstack_local import environments
from mlstack_local.environments import store
from mlstack_local.layout import Layout
from mlstack_local.resources.environment import Environment, EnvironmentInputs

from mlstack.errors import TargetError
from mlstack.lowering.locks import python
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
        store.make(store.Recipe("damaged", lock), lambda: Path(sys.executable), context.root, context.log)
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


def test_without_a_network_one_that_was_made_once_is_made_again(
    context: Context, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    made = Environment().create(context, inputs())
    shutil.rmtree(environments.folder(made.outputs["version"]))
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")

    again = Environment().create(context, inputs())
    assert again.outputs == made.outputs
    assert imports(again, "six").stdout == "1.17.0\n"


def test_without_a_network_and_without_the_cache_the_error_says_so(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = Environment().create(context, inputs())
    shutil.rmtree(environments.folder(made.outputs["version"]))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    with pytest.raises(ResourceFailed, match="cannot be installed") as caught:
        Environment().create(context, inputs())
    assert caught.value.category == "transient"
    assert "UV_OFFLINE" in str(caught.value.remedy)
    assert not environments.is_complete(made.outputs["version"])


def test_a_file_of_another_hash_is_not_installed(context: Context) -> None:
    made = Environment().create(context, inputs())
    lock = re.sub(r"(?<=sha256:)[0-9a-f]{8}", "0" * 8, made.outputs["lock"])
    with pytest.raises(ResourceFailed) as caught:
        store.make(store.Recipe("forged", lock), lambda: Path(sys.executable), context.root, context.log)
    assert caught.value.category == "conflict"
    assert "do not install it" in str(caught.value.remedy)
    assert not environments.is_complete("forged")


def test_hashes_that_are_asked_for_are_the_only_ones_locked(context: Context) -> None:
    lock = Environment().create(context, inputs()).outputs["lock"]
    wheel, other = re.findall(r"sha256:[0-9a-f]+", lock.partition("six==")[2])
    narrow = Environment().create(context, inputs(requirements=[f"six==1.17.0 --hash={wheel}"]))
    assert wheel in narrow.outputs["lock"]
    assert other not in narrow.outputs["lock"]
    assert "idna" in narrow.outputs["lock"]

    with pytest.raises(ResourceFailed, match=r"no file of six==1\.17\.0 .* has a hash that") as caught:
        Environment().create(context, inputs(requirements=[f"six==1.17.0 --hash=sha256:{'0' * 64}"]))
    assert caught.value.category == "user"


def test_constraints_bind_what_others_need(context: Context) -> None:
    made = Environment().create(context, inputs(requirements=["requests"], constraints=["urllib3==2.2.3"]))
    assert "urllib3==2.2.3" in made.outputs["lock"]


def test_setup_runs_in_the_environment_before_the_packages(context: Context, lines: list[str]) -> None:
    see = "python -c 'import sys; print(sys.prefix)'"
    wanted = inputs(setup=["mkdir share", f"{see} > share/prefix", "ls lib/python*/site-packages"])
    made = Environment().create(context, wanted)
    folder = environments.folder(made.outputs["version"])

    assert (folder / "share" / "prefix").read_text().strip() == str(folder)
    assert "setup 1 of 3: mkdir share" in lines
    assert not any(line.startswith("six") for line in lines)
    assert imports(made, "six").stdout == "1.17.0\n"
    assert "$ mkdir share" in (folder / "setup.log").read_text()
    assert made.outputs["version"] != Environment().create(context, inputs(name="b")).outputs["version"]


def test_setup_that_fails_is_told_with_its_last_lines(context: Context) -> None:
    with pytest.raises(ResourceFailed) as caught:
        Environment().create(
            context, inputs(setup=["echo looking; echo not here >&2; exit 3", "touch never"])
        )
    assert "failed with exit code 3\nlooking\nnot here" in caught.value.message
    known = environments.load(Layout(context.root, "uid"), "sk")
    assert known is not None
    assert not environments.is_complete(known.version)
    assert not (environments.folder(known.version) / "never").exists()


def test_an_interrupt_ends_setup(context: Context) -> None:
    cancelled = threading.Event()
    threading.Timer(0.5, cancelled.set).start()
    with pytest.raises(ResourceFailed, match="interrupted"):
        Environment().create(replace(context, cancelled=cancelled), inputs(setup=["sleep 311"]))
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "311"]]


def test_older_versions_are_kept_as_many_as_asked_for(context: Context) -> None:
    versions = []
    for six in ("1.10.0", "1.11.0", "1.12.0"):
        wanted = inputs(requirements=[f"six=={six}"], stack_uid="keeper", keep=1)
        versions.append(Environment().create(context, wanted).outputs["version"])
    Layout(context.root, "keeper").home.mkdir(parents=True, exist_ok=True)
    gone = environments.collect(unused_seconds=0)
    assert versions[0] in gone
    assert not {*versions[1:]} & {*gone}


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


def test_what_was_never_made_to_the_end_is_collected(cache: Path) -> None:
    half = environments.folder("0" * 12)
    half.mkdir(parents=True)
    assert half.name not in environments.collect()
    os.utime(half, (time.time() - 40 * 86_400,) * 2)
    assert half.name in environments.collect()
    assert not half.exists()


def test_a_bare_one_has_python_alone(context: Context) -> None:
    folder = environments.bare(Layout(context.root, "other"), context.log)
    listed = subprocess.run(
        [folder / "bin" / "python", "-c", "import importlib.metadata as m; print([*m.distributions()])"],
        text=True,
        capture_output=True,
    )
    assert listed.stdout == "[]\n"
    assert folder.name not in [version for version, _ in environments.unused()]
    assert not environments.remove(folder.name)
    assert environments.is_complete(folder.name)


def test_a_cache_that_cannot_be_written(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "file"))
    with pytest.raises(ResourceFailed, match="cannot be written") as caught:
        Environment().create(context, inputs())
    assert caught.value.category == "permission"
