"""How a failure crosses the wire: its message, its remedy, its category, and what exists in part."""

from __future__ import annotations

import re
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, cast, get_args

import grpc
from google.protobuf import any_pb2
from google.protobuf.struct_pb2 import Struct
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2

from mlstack.errors import Category, MlstackError
from mlstack.plugin import wire
from mlstack.resource import ResourceFailed

_CATEGORY = re.compile(rf"\s*\[({'|'.join(get_args(Category))})\]\s*$")
_REMEDY = "\nremedy: "


def compose(message: str, remedy: str | None, category: str) -> str:
    """One text for the engine to show, from which `parse` takes the parts again."""
    return f"{message}{_REMEDY + remedy if remedy else ''}\n[{category}]"


def parse(text: str) -> tuple[str, str | None, Category | None]:
    """(message, remedy, category) of an engine's diagnostic; the last two None when it is not ours."""
    found = _CATEGORY.search(text)
    if not found:
        return text, None, None
    message, _, remedy = text[: found.start()].partition(_REMEDY)
    return message, remedy.strip() or None, cast("Category", found.group(1))


def abort(
    context: grpc.ServicerContext, failure: ResourceFailed, refresh: bool, secrets: frozenset[str]
) -> NoReturn:
    """End the call with the failure. With ``failure.partial`` the engine records what exists; the
    properties named in ``secrets`` stay secret there."""
    text = compose(failure.message, failure.remedy, failure.category)
    if failure.partial is None:
        context.abort(grpc.StatusCode.UNKNOWN, text)
    partial = failure.partial
    outputs = wire.encode({**partial.inputs, **partial.outputs}, secrets)
    abort_partly(context, text, partial.id, wire.encode(partial.inputs, secrets), outputs, refresh)


def abort_partly(
    context: grpc.ServicerContext,
    text: str,
    id: str,
    inputs: Struct,
    outputs: Struct,
    refresh: bool = False,
) -> NoReturn:
    """End the call with a failure that left something, which the engine records."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=id, properties=outputs, inputs=inputs, reasons=[text], refresh_before_update=refresh
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort raises")


def abort_with(context: grpc.ServicerContext, error: MlstackError) -> NoReturn:
    """End the call with an error that says all itself."""
    context.abort(grpc.StatusCode.UNKNOWN, compose(error.message, error.remedy, error.category))
    raise AssertionError("abort raises")


def abort_with_bug(context: grpc.ServicerContext, error: Exception, root: Path) -> Any:
    """An exception nobody foresaw: the traceback goes to a log file, its path to the user."""
    if not context.is_active():
        return None
    where = log_bug(root)
    context.abort(
        grpc.StatusCode.UNKNOWN,
        compose(
            f"{type(error).__name__}: {error}", f"this is a bug of mlstack; the details are in {where}", "bug"
        ),
    )


def log_bug(root: Path) -> Path:
    """Write the exception at hand to the plugin's log; the log's path below the spec's folder."""
    log = root / ".mlstack" / "log" / "plugin.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(f"{datetime.now(UTC).isoformat()}\n{traceback.format_exc()}\n")
    return log.relative_to(root)
