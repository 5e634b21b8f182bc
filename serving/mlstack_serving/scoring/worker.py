"""The program of a worker: loads the model, then answers one mini-batch after the other over a socket.

It is told ``(tensors, named, texts)`` and answers ("done", predictions), or ("error", message, traceback). At
the start it says ("ready", what is known of the model), or ("start-error", exit code, message). It ends with
its socket. What the user's code prints is in the run's log.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from mlstack_serving import codec, config, results
from mlstack_serving.batch import Batch
from mlstack_serving.errors import Refusal, StartError
from mlstack_serving.model import Model
from mlstack_serving.runtime import load

_LOOK_SECONDS = 1.0


def main(descriptor: int, argv: list[str]) -> None:
    socket = Connection(descriptor)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        model = load(config.read(argv, os.environ))
    except StartError as error:
        socket.send(("start-error", error.exit_code, str(error)))
        return
    except BaseException as error:  # a user's init() may raise anything, SystemExit too
        traceback.print_exc()
        socket.send(("start-error", 4, f"the model cannot be loaded: {error!r}"))
        return
    socket.send(("ready", _facts(model)))
    while True:
        try:
            tensors, named, texts = socket.recv()
            # The prefix is that of a body of CSV, where the order of columns is their author's too.
            socket.send(_answer(model, Batch(tensors, named, "", "body", texts)))
        except (EOFError, ConnectionError):
            return


def _end_with(parent: int) -> None:
    """A run that was killed leaves no worker behind, not even one in a call that never ends."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _facts(model: Model) -> dict[str, Any]:
    """``width``: how many values a row has, where the model tells and its columns have no names."""
    shapes = [tensor.shape for tensor in model.inputs]
    width = shapes[0][1] if len(shapes) == 1 and len(shapes[0]) == 2 and shapes[0][1] > 0 else None
    return {
        "platform": model.platform,
        "columns": model.columns,
        "optional": sorted(model.signature.optional),
        "typed": model.signature.typed,
        "width": width,
    }


def _answer(model: Model, batch: Batch) -> tuple[Any, ...]:
    try:
        return "done", _predict(model, batch)
    except Refusal as refusal:
        return "error", _told(refusal), ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit() in a user's code must not end the run
        message = str(error).strip().split("\n")[0]
        return (
            "error",
            f"{type(error).__name__}: {message}" if message else repr(error),
            traceback.format_exc(),
        )


def _told(refusal: Refusal) -> str:
    """The message, after the column that it is about: the row is told elsewhere."""
    found = re.fullmatch(r"body\[\d+\](?:\.(?P<name>.+)|\[(?P<index>\d+)\])", refusal.field or "")
    if found is None:
        return str(refusal)
    column = repr(found["name"]) if found["name"] else str(int(found["index"]) + 1)
    return f"column {column}: {refusal}"


def _predict(model: Model, batch: Batch) -> list[Any]:
    count = len(batch)
    if model.raw is not None:
        found = model.raw(codec.dumps({"instances": _instances(batch.tensors, batch.named)}).decode(), {})
        found = json.loads(found) if isinstance(found, str) else found
        found = found["predictions"] if isinstance(found, dict) and "predictions" in found else found
    else:
        found = model.predict(model.signature.read(batch), ())
    predictions = json.loads(codec.dumps(results.rows(found)))
    if not isinstance(predictions, list) or len(predictions) != count:
        what = (
            f"{len(predictions)} predictions" if isinstance(predictions, list) else "no list of predictions"
        )
        raise ValueError(f"the model returned {what} for {count} items")
    return predictions


def _instances(tensors: dict[str, Any], named: bool) -> Any:
    if not named:
        return next(iter(tensors.values()))
    columns = {
        name: getattr(values, "tolist", lambda values=values: values)() for name, values in tensors.items()
    }
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
