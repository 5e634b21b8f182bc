"""Every setting of the server, once: a field is a flag, an environment variable and a help text."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from mlstack_serving.contracts import CONTRACTS
from mlstack_serving.defaults import CONCURRENCY
from mlstack_serving.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PATH = re.compile(r"/[\x21-\x7a|~]*")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def _setting(default: Any, env: str, text: str, kind: type = str) -> Any:
    return field(default=default, metadata={"env": env, "help": text, "kind": kind})


@dataclass(frozen=True)
class Config:
    """A flag wins over its environment variable, that over what the contract says, that over the default."""

    model: str | None = _setting(
        None, "MLSTACK_MODEL", "the model's folder or file, a URI of one, or a hub id (huggingface)"
    )
    name: str = _setting("model", "MLSTACK_MODEL_NAME", "the model's name in the routes")
    model_version: str | None = _setting(None, "MLSTACK_MODEL_VERSION", "reported in metadata and answers")
    flavor: str | None = _setting(None, "MLSTACK_FLAVOR", "left out: found out from the files")
    task: str | None = _setting(
        None, "MLSTACK_TASK", "a huggingface pipeline's task; left out: from config.json"
    )
    code: str | None = _setting(
        None, "MLSTACK_CODE", "folder of the user's own serving code, or a URI of one"
    )
    script: str = _setting("score.py", "MLSTACK_SCRIPT", "the script in that folder")
    host: str = _setting("127.0.0.1", "MLSTACK_HOST", "address to listen on; 0.0.0.0 where a platform asks")
    port: int | None = _setting(
        None, "MLSTACK_PORT", "port to listen on; left out: the contract's; 0: any free one", int
    )
    fd: int | None = _setting(None, "MLSTACK_FD", "serve on this open listening socket instead", int)
    uds: str | None = _setting(None, "MLSTACK_UDS", "serve on a Unix socket at this path instead")
    contract: str = _setting("v2", "MLSTACK_CONTRACT", f"whose routes to speak: {', '.join(CONTRACTS)}")
    live_route: str | None = _setting(
        None, "MLSTACK_LIVE_ROUTE", "path of the liveness probe, where it is free"
    )
    ready_route: str | None = _setting(
        None, "MLSTACK_READY_ROUTE", "path of the readiness probe, where it is free"
    )
    predict_route: str | None = _setting(
        None, "MLSTACK_PREDICT_ROUTE", "path that takes rows, where it is free"
    )
    sha256: str | None = _setting(
        None, "MLSTACK_SHA256", "hash of the model file, or of the folder's mlstack-model.json"
    )
    key_file: str | None = _setting(
        None, "MLSTACK_KEY_FILE", "file with a key that callers have to show (Authorization: Bearer KEY)"
    )
    concurrency: int = _setting(
        CONCURRENCY, "MLSTACK_CONCURRENCY", "predictions that run at the same time", int
    )
    queue: int = _setting(128, "MLSTACK_QUEUE", "requests that may wait for one; the next gets a 429", int)
    max_body: int = _setting(32 * 2**20, "MLSTACK_MAX_BODY", "bytes of a request body; more is a 413", int)
    read_timeout: float = _setting(
        60.0, "MLSTACK_READ_TIMEOUT", "seconds that the head of a request may take, and its body", float
    )
    batch_size: int = _setting(
        1, "MLSTACK_BATCH_SIZE", "rows that one call of the model takes together; 1: requests stay apart", int
    )
    batch_wait: float = _setting(
        5.0, "MLSTACK_BATCH_WAIT", "milliseconds that the first of them waits for others at most", float
    )
    drain: int = _setting(30, "MLSTACK_DRAIN", "seconds that requests in flight have left after SIGTERM", int)
    deployment: str = _setting("", "MLSTACK_DEPLOYMENT", "the deployment's name in what is captured")
    capture: str | None = _setting(
        None, "MLSTACK_CAPTURE", "folder that requests and answers are kept in; left out: none are"
    )
    capture_sample: float = _setting(
        1.0, "MLSTACK_CAPTURE_SAMPLE", "the part of the requests that is kept, 0 to 1", float
    )
    capture_rotate: float = _setting(
        3600.0, "MLSTACK_CAPTURE_ROTATE", "seconds that one file of them holds at most", float
    )
    capture_keep: float | None = _setting(
        None, "MLSTACK_CAPTURE_KEEP", "seconds that they are kept; left out: until there is 1 GiB", float
    )
    access_log: bool = _setting(False, "MLSTACK_ACCESS_LOG", "one JSON line per request on stderr", bool)

    def __post_init__(self) -> None:
        if self.model is None and self.code is None:
            raise UsageError("nothing to serve: give --model DIR, or --code DIR with a script")
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"--name {self.name!r}: use letters, digits, '.', '_' and '-'")
        if sum(way is not None for way in (self.port, self.fd, self.uds)) > 1:
            raise UsageError("--port, --fd and --uds exclude each other: give one")
        if self.port is not None and not 0 <= self.port <= 65535:
            raise UsageError(f"--port {self.port}: must be from 0 to 65535")
        for route in ("live_route", "ready_route", "predict_route"):
            path = getattr(self, route)
            if path is not None and not _PATH.fullmatch(path):
                raise UsageError(f"--{route.replace('_', '-')} {path!r}: must be a path such as /score")
        if self.sha256 is not None and not _DIGEST.fullmatch(self.sha256):
            raise UsageError("--sha256: must be 64 hexadecimal digits")
        for name, least in (
            ("concurrency", 1),
            ("queue", 0),
            ("max_body", 1),
            ("drain", 0),
            ("batch_size", 1),
        ):
            if getattr(self, name) < least:
                raise UsageError(f"--{name.replace('_', '-')}: must be at least {least}")
        if not self.batch_wait >= 0:
            raise UsageError("--batch-wait: must be at least 0")
        if not 0 <= self.capture_sample <= 1:
            raise UsageError("--capture-sample: must be from 0 to 1")
        for name in ("capture_rotate", "capture_keep"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                raise UsageError(f"--{name.replace('_', '-')}: must be above 0")
        if not self.read_timeout > 0:
            raise UsageError("--read-timeout: must be above 0")


def read(argv: Sequence[str], environ: Mapping[str, str]) -> Config:
    """The settings from flags and environment; argparse ends the process (2) on an unknown flag."""
    parser = argparse.ArgumentParser(
        prog="python -m mlstack_serving", description="Serve one model over HTTP."
    )
    for item in fields(Config):
        flag = "--" + item.name.replace("_", "-")
        text = f"{item.metadata['help']} (env {item.metadata['env']})"
        if item.metadata["kind"] is bool:
            parser.add_argument(flag, action="store_true", default=None, help=text)
        else:
            parser.add_argument(flag, type=item.metadata["kind"], default=None, help=text)
    # SageMaker starts every container of a model with this one argument.
    parser.add_argument("command", nargs="?", choices=["serve"], help="may be left out")
    parsed = vars(parser.parse_args(argv))
    given = {name: value for name, value in parsed.items() if value is not None and name != "command"}
    places = {"port", "fd", "uds"}
    for item in fields(Config):
        text = environ.get(item.metadata["env"], "")
        # A place given as a flag replaces every place from the environment, not only its own.
        shadowed = item.name in places and places & given.keys()
        if text and item.name not in given and not shadowed:
            given[item.name] = _parse(item.metadata["env"], text, item.metadata["kind"])
    name = given.get("contract", "v2")
    if name not in CONTRACTS:
        raise UsageError(f"--contract {name!r}: one of {', '.join(CONTRACTS)}")
    usual = CONTRACTS[name].defaults(environ, given)
    if places & given.keys():
        usual.pop("port", None)
    return Config(**{**usual, **given})


def _parse(env: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in _TRUE | _FALSE:
            raise UsageError(f"{env}={text!r}: must be true or false")
        return text.lower() in _TRUE
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise UsageError(f"{env}={text!r}: must be {what}") from None
