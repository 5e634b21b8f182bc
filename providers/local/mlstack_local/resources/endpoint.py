"""``mlstack:local:Endpoint``: a gateway on loopback, with its key."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal

from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import ports
from mlstack_local.files import private_folder, prune, write_private
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout, captures_of
from mlstack_local.supervisor import Program, Supervisor

_START_SECONDS = 30.0
_KEY = "key"


class EndpointInputs(Inputs):
    """``port`` None: a free one, kept. ``running`` is what should be; `read` tells what is."""

    stack_uid: str
    name: str
    auth: Literal["key"] = "key"
    port: int | None = None
    running: bool = True


def gateway_program(name: str) -> str:
    return f"{name}.gateway"


class Endpoint(Resource[EndpointInputs]):
    """Outputs: ``url`` (takes POST), ``port``, ``key``.

    The key is kept in a file of mode 0600 beside the gateway's config, which has its hash only.
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
        process = Supervisor(layout).status().get(gateway_program(name))
        stored = state.inputs or {"stack_uid": layout.stack_uid, "name": name, "auth": "key"}
        return _state(layout, name, {**stored, "running": bool(process and process.kept)}, config.port, key)

    def delete(self, context: Context, state: State) -> None:
        layout, name = _place(context, state)
        supervisor = Supervisor(layout)
        # Whatever a killed deployment left goes with its endpoint.
        supervisor.apply(remove=supervisor.programs(f"{name}.").keys())
        folder = layout.endpoint(name)
        for files in (folder, captures_of(folder)):
            shutil.rmtree(files, ignore_errors=True)
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
        name = gateway_program(inputs.name)
        key = _read_key(folder) or old_key or secrets.token_urlsafe(32)
        write_private(folder / _KEY, key)
        supervisor.ensure()  # a gateway that has lost its supervisor must not hold the port
        with configs.locked(folder):
            config = configs.read(folder) or configs.Config(inputs.name, 0, "", secrets.token_urlsafe(32))
            ours = config.port if admin.state(config) else None

            def declare(declared: dict[str, Program]) -> list[Program]:
                nonlocal config
                port = _choose_port(inputs, config.port, ours, ports.taken(declared, besides=name))
                config = configs.write(folder, replace(config, port=port, key_sha256=configs.hash_key(key)))
                return [_program(name, folder, port)]

            supervisor.claim(declare)
        if not admin.confirmed(config, _START_SECONDS):
            lines = "\n".join(supervisor.log_tail(name))
            raise ResourceFailed(
                f"the gateway of endpoint {inputs.name!r} does not answer on port {config.port}:\n{lines}",
                remedy=f"its log is {layout.relative(supervisor.log(name))}",
                category="transient",
            )
        return _state(layout, inputs.name, inputs.model_dump(), config.port, key)


def _program(name: str, folder: Path, port: int) -> Program:
    argv = (sys.executable, "-m", "mlstack_local.gateway", str(folder), str(port))
    return Program(name, argv, cwd=str(folder), meta={"port": port})


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
