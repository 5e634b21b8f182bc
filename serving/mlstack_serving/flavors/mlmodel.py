"""MLmodel files: what MLflow writes beside a model, read without a YAML library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlstack_serving.errors import LoadError
from mlstack_serving.schema import Column, Signature, Table, Tensor, Tensors
from mlstack_serving.schema.file import KIND_OF
from mlstack_serving.tensors import datatype_of


def read(text: str) -> dict[str, Any]:
    """The file as nested dicts of texts: block mappings, and scalars that may be quoted and may be folded
    over several lines, which is all that MLflow writes. Lists are left out."""
    root: dict[str, Any] = {}
    parents: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for indent, content in _entries(text):
        key, found, value = content.partition(":")
        if not found or content.startswith("- "):
            continue
        while parents[-1][0] >= indent:
            parents.pop()
        if value.strip():
            parents[-1][1][_plain(key)] = _plain(value)
        else:
            made: dict[str, Any] = {}
            parents[-1][1][_plain(key)] = made
            parents.append((indent, made))
    return root


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Indent and content of each entry, with the lines that go on with a quoted text joined to it."""
    lines = iter(text.splitlines())
    for line in lines:
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        quote = content.partition(":")[2].strip()[:1]
        if quote and quote in "'\"":
            while not _is_closed(content.partition(":")[2].strip(), quote):
                more = next(lines, None)
                if more is None:
                    break
                joined = content[:-1] if quote == '"' and content.endswith("\\") else content + " "
                content = joined + more.strip().lstrip("\\")
        yield len(line) - len(line.lstrip()), content


def _is_closed(value: str, quote: str) -> bool:
    body = value[1:]
    body = body.replace("''", "") if quote == "'" else body.replace("\\\\", "").replace('\\"', "")
    return body.endswith(quote)


def _plain(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return value


def signature(document: dict[str, Any], example: Any = None) -> Signature | None:
    """What the model takes, by its ``signature``; None where it has none."""
    written = document.get("signature")
    if not isinstance(written, dict) or not isinstance(written.get("inputs"), str):
        return None
    inputs = _specs(written["inputs"])
    if not inputs:
        return None
    if all(item.get("type") == "tensor" for item in inputs):
        return Tensors(
            [_tensor(item, f"input-{index}") for index, item in enumerate(inputs)], example=example
        )
    if any(item.get("type") == "tensor" for item in inputs):
        return None
    named = all("name" in item for item in inputs)
    columns = [
        Column(
            str(item.get("name", index)),
            KIND_OF.get(str(item.get("type")), "any"),
            bool(item.get("required", not item.get("optional", False))),
        )
        for index, item in enumerate(inputs)
    ]
    return Table(columns, known=named, example=example)


def outputs(document: dict[str, Any]) -> tuple[Tensor, ...]:
    """What it gives, by its ``signature``."""
    written = document.get("signature")
    if not isinstance(written, dict) or not isinstance(written.get("outputs"), str):
        return ()
    listed = _specs(written["outputs"])
    single = len(listed) == 1
    return tuple(
        _output(item, "predict" if single else f"output-{index}") for index, item in enumerate(listed)
    )


def _specs(text: str) -> list[dict[str, Any]]:
    try:
        specs = json.loads(text)
    except ValueError as error:
        raise LoadError(f"the signature in MLmodel is no JSON: {error}") from None
    return specs if isinstance(specs, list) else []


def _tensor(item: dict[str, Any], name: str) -> Tensor:
    spec = item["tensor-spec"]
    dtype = "object" if str(spec["dtype"]) in ("str", "object") else str(spec["dtype"])
    return Tensor(str(item.get("name", name)), datatype_of(dtype), tuple(spec["shape"]))


def _output(item: dict[str, Any], name: str) -> Tensor:
    if item.get("type") == "tensor":
        return _tensor(item, name)
    datatypes = {"number": "FP64", "integer": "INT64", "boolean": "BOOL"}
    datatype = datatypes.get(KIND_OF.get(str(item.get("type")), "any"), "BYTES")
    return Tensor(str(item.get("name", name)), datatype, (-1,))
