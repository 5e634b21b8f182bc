"""``mlstack:local:Endpoint``: a gateway on loopback, with its key."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import mlstack_local
from mlstack import content
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import ports
from mlstack_local.deployments import control, ready
from mlstack_local.files import private_folder, prune, remove_tree, write_private
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout, captures_of
from mlstack_local.supervisor import Program, Supervisor

_START_SECONDS = 90.0
#: Ports that are tried where each is taken by somebody else between being chosen and being used.
_PORTS = 3
_KEY = "key"


class EndpointInputs(Inputs):
    """``port`` None: a free one, kept. ``running`` is what should be; `read` tells what is.

    ``gateway`` is the version of the gateway's program: with another one it is replaced.
    """

    stack_uid: str
    name: str
    auth: Literal["key"] = "key"
    port: int | None = None
    running: bool = True
    gateway: str | None = None


def gateway_programs(name: str) -> tuple[str, str]:
    """Names of an endpoint's gateway: it has one of them, and both while one takes the other's place."""
    return f"{name}.gateway", f"{name}.gateway-b"


@cache
def gateway_version() -> str:
    return content.version(Path(mlstack_local.__file__).parent)


class Endpoint(Resource[EndpointInputs]):
    """Outputs: ``url`` (takes POST), ``port``, ``key``.

    A gateway whose program has changed passes its socket to the new one: no caller notices. The key is kept
    in a file of mode 0600 beside the gateway's config, which has its hash only.
    """

    Inputs = EndpointInputs
    replace_on = frozenset({"stack_uid", "name"})
    delete_before_replace = True
    secret_outputs = frozenset({"key"})
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if old and old.inputs.get("running") and inputs.get("port") in (None, old.outputs["port"]):
            return {output: old.outputs[output] for output in ("url", "port", "key")}
        return {}

    def create(self, context: Context, inputs: EndpointInputs) -> State:
        return self._bring_about(context, inputs, None)

    def update(self, context: Context, state: State, inputs: EndpointInputs) -> Properties:
        return self._bring_about(context, inputs, state.outputs.get("key")).outputs

    def read(self, context: Context, state: State) -> State | None:
        layout, name = _place(context, state)
        folder = layout.endpoint(name)
        config, key = configs.read(folder), _read_key(folder)
        if config is None or key is None:
            return None
        processes = Supervisor(layout).status()
        running = any(processes[each].kept for each in gateway_programs(name) if each in processes)
        stored = state.inputs or {"stack_uid": layout.stack_uid, "name": name, "auth": "key"}
        return _state(layout, name, {**stored, "running": running}, config.port, key)

    def delete(self, context: Context, state: State) -> None:
        layout, name = _place(context, state)
        supervisor = Supervisor(layout)
        # Whatever a killed deployment left goes with its endpoint.
        supervisor.apply(remove=supervisor.programs(f"{name}.").keys())
        folder = layout.endpoint(name)
        for files in (folder, captures_of(folder)):
            remove_tree(files)
            prune(files.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        layout, name = Layout(context.root, inputs["stack_uid"]), inputs["name"]
        folder = layout.endpoint(name)
        if not folder.is_dir():
            return None
        config = configs.read(folder)
        return _state(layout, name, inputs, config.port if config else None, _read_key(folder))

    def _bring_about(self, context: Context, inputs: EndpointInputs, old_key: str | None) -> State:
        layout = Layout(context.root, inputs.stack_uid)
        folder = private_folder(layout.endpoint(inputs.name))
        supervisor = Supervisor(layout)
        names = gateway_programs(inputs.name)
        key = _read_key(folder) or old_key or secrets.token_urlsafe(32)
        write_private(folder / _KEY, key)
        supervisor.ensure()  # a gateway that has lost its supervisor must not hold the port
        for _ in range(_PORTS):
            config, program = _started(inputs, folder, supervisor, key)
            served = _took_over(config, supervisor, program.name)
            if served or inputs.port or not _lost(supervisor, names, config.port):
                break
        if not served:
            lines = "\n".join(supervisor.log_tail(program.name))
            log = layout.relative(supervisor.log(program.name))
            if len(_declared(supervisor, names)) > 1:  # the one before serves on
                supervisor.apply(remove=[program.name])
            raise ResourceFailed(
                f"the gateway of endpoint {inputs.name!r} does not answer on port {config.port}:\n{lines}",
                remedy=f"its log is {log}",
                category="transient",
            )
        if others := _declared(supervisor, names) - {program.name}:
            supervisor.apply(remove=others)
        control.arrange(layout, inputs.name)  # its program, too, is of mlstack's version
        return _state(layout, inputs.name, inputs.model_dump(), config.port, key)


def _started(
    inputs: EndpointInputs, folder: Path, supervisor: Supervisor, key: str
) -> tuple[configs.Config, Program]:
    """The program that should serve, started, and the config that it should follow."""
    names = gateway_programs(inputs.name)
    with configs.locked(folder):
        config = configs.read(folder) or configs.Config(inputs.name, 0, "", secrets.token_urlsafe(32))
        found = admin.state(config)
        ours = config.port if found or _holds(supervisor, names, config.port) else None

        def declare(declared: dict[str, Program]) -> list[Program]:
            nonlocal config
            before = [declared.pop(each) for each in names if each in declared]
            port = _choose_port(inputs, config.port, ours, ports.taken(declared))
            beside = bool(found and "handover" in found and port == config.port)
            config = configs.write(folder, replace(config, port=port, key_sha256=configs.hash_key(key)))
            return [_successor(before, names, folder, port, inputs.gateway, beside)]

        [program] = supervisor.claim(declare)
    return config, program


def _holds(supervisor: Supervisor, names: Sequence[str], port: int) -> bool:
    """Whether a gateway of ours listens there, which may only take long to answer."""
    processes = supervisor.status()
    return any(port in ready.listening(processes.get(name)) for name in names)


def _successor(
    before: Sequence[Program],
    names: Sequence[str],
    folder: Path,
    port: int,
    version: str | None,
    beside: bool,
) -> Program:
    """The program that should serve: one that is there as it is, else one beside it or in its place."""
    for program in before:
        if program == _program(program.name, folder, port, version):
            return program
    name = before[0].name if before else names[0]
    if before and beside:
        name = next(each for each in names if each != name)
    return _program(name, folder, port, version)


def _program(name: str, folder: Path, port: int, version: str | None) -> Program:
    argv = (sys.executable, "-m", "mlstack_local.gateway", str(folder), str(port))
    return Program(name, argv, cwd=str(folder), meta={"port": port, "version": version})


def _declared(supervisor: Supervisor, names: Sequence[str]) -> set[str]:
    return set(names) & supervisor.programs().keys()


def _took_over(config: configs.Config, supervisor: Supervisor, name: str) -> bool:
    """Wait until it is this program that answers, by this config: the one before accepts no more then."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        process, found = supervisor.status().get(name), admin.state(config)
        if process and found and found.get("pid") == process.pid and found["number"] >= config.number:
            return True
        if found is None and _lost(supervisor, gateway_programs(config.endpoint), config.port):
            return False
        time.sleep(0.05)
    return False


def _lost(supervisor: Supervisor, names: Sequence[str], port: int) -> bool:
    """Whether somebody else was quicker to listen where the gateway should."""
    return not ports.is_free(port) and not _holds(supervisor, names, port)


def _choose_port(inputs: EndpointInputs, last: int, ours: int | None, taken: Collection[int]) -> int:
    """The port of the spec; else the last one, unless someone took it while the gateway was down."""
    wanted = inputs.port or last
    if wanted and wanted not in taken and (wanted == ours or ports.is_free(wanted)):
        return wanted
    if inputs.port:
        raise ResourceFailed(
            f"port {wanted} for endpoint {inputs.name!r} is held by {ports.holder(wanted)}",
            remedy="end that process, or set another settings.local.port",
        )
    return ports.free(f"{inputs.stack_uid}/{inputs.name}", taken)


def _read_key(folder: Path) -> str | None:
    try:
        return (folder / _KEY).read_text()
    except FileNotFoundError:
        return None


def _place(context: Context, state: State) -> tuple[Layout, str]:
    """From the id, so that `import` works with nothing else."""
    stack_uid, _, name = state.id.split("/")
    return Layout(context.root, stack_uid), name


def _state(layout: Layout, name: str, inputs: Properties, port: int | None, key: str | None) -> State:
    url = f"http://127.0.0.1:{port}/" if port else None
    return State(f"{layout.stack_uid}/endpoint/{name}", inputs, {"url": url, "port": port, "key": key})
