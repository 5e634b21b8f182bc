"""PyTorch: exported programs (.pt2), TorchScript and pickled modules (.pt).

A file of weights alone says nothing about the network: it needs code of the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch, np
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import need
from mlstack_serving.flavors.sklearn import raised_by
from mlstack_serving.model import Model
from mlstack_serving.schema import Signature, Tensor, Tensors, values
from mlstack_serving.tensors import datatype_of

#: What torch says of a tensor that does not fit, wherever in the network it is found out.
_UNFIT = re.compile(r"shape|size|dimension|\bd?types?\b|expected|channels|argument|index out of range", re.I)


def load(path: Path) -> Model:
    torch = need("torch", "torch", "pytorch")
    if path.suffix == ".pt2":
        program = torch.export.load(path)
        return _model(torch, program.module(), *_described(program))
    module = _read(torch, path)
    return _model(torch, module, _AnyShape(_arguments(module)), _results(module))


def _model(torch: Any, module: Any, signature: Signature, outputs: tuple[Tensor, ...]) -> Model:
    weights = next((item for item in module.parameters() if item.is_floating_point()), None)

    # Whole numbers are meant as such where the network looks them up, or says so.
    keeps_whole = isinstance(signature, Tensors) or any(_looks_up(part) for part in module.modules())

    def tensor(array: Any) -> Any:
        made = torch.from_numpy(np.ascontiguousarray(array))
        # JSON numbers arrive as doubles; the network wants what its weights are.
        if weights is not None and (made.is_floating_point() or not keeps_whole):
            made = made.to(weights.dtype)
        return made if weights is None else made.to(weights.device)

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        given = {name: tensor(array) for name, array in batch.tensors.items()}
        by_name = batch.named and not isinstance(signature, Tensors)
        try:
            with torch.inference_mode():
                result = module(**given) if by_name else module(*given.values())
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            if reason := unfit(torch, error):
                raise BadInput(reason, batch.field) from error
            raise
        if isinstance(result, (tuple, list)):
            result = {f"output-{index}": item for index, item in enumerate(result)}
        named = (
            {name: _plain(torch, item) for name, item in result.items()} if isinstance(result, dict) else None
        )
        if named is not None:
            return {name: named[name] for name in wanted} if wanted and set(wanted) <= named.keys() else named
        return {"predict": _plain(torch, result)} if wanted else _plain(torch, result)

    return Model("pytorch_torch", predict, outputs=outputs, signature=signature)


def _looks_up(part: Any) -> bool:
    """Whether it is an embedding, of TorchScript too."""
    return str(getattr(part, "original_name", type(part).__name__)).startswith("Embedding")


def unfit(torch: Any, error: Exception) -> str | None:
    """What the library says of a tensor that does not fit; None where something else went wrong."""
    reason = _reason(error)
    if isinstance(error, getattr(torch, "OutOfMemoryError", ())) or not _UNFIT.search(reason):
        return None
    return reason if raised_by(error, "torch", "transformers", "mlstack_serving") else None


def _reason(error: Exception) -> str:
    """Its first line; of TorchScript, which begins with the code, its last."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [repr(error)]
    is_script = "TorchScript" in lines[0]
    return lines[-1].partition("Error: ")[2] or lines[-1] if is_script else lines[0]


def _plain(torch: Any, item: Any) -> Any:
    """numpy has no bfloat16."""
    return item.float() if getattr(item, "dtype", None) is torch.bfloat16 else item


class _AnyShape(Signature):
    """Numbers in rows of one shape, whichever the network takes: TorchScript and modules do not say."""

    def __init__(self, names: Sequence[str]) -> None:
        self.tensors = tuple(Tensor(name, "FP32", (-1, -1)) for name in names)

    def read(self, batch: Batch) -> Batch:
        read = {}
        for name, given in batch.tensors.items():
            if isinstance(given, list):
                raise BadInput("rows differ in length", batch.field)

            def place(row: int, *path: Any, name: str = name) -> str:
                return batch.place(row, *([name] if batch.named and batch.prefix else []), *path)

            read[name] = given if given.dtype.kind in "biuf" else values.numbers(given, place)
        return batch.with_tensors(read, batch.named)

    def row(self) -> dict[str, Any]:
        return {"type": "array"}


def _described(program: Any) -> tuple[Signature, tuple[Tensor, ...]]:
    """Inputs and outputs of an exported program, which knows the shapes that it was traced with."""
    taken = set(program.graph_signature.user_inputs)
    nodes = list(program.graph.nodes)
    inputs = [node for node in nodes if node.op == "placeholder" and node.name in taken]
    given = next(node for node in nodes if node.op == "output").args[0]
    made = set(program.graph_signature.user_outputs)
    outputs = [node for node in given if getattr(node, "name", None) in made]
    names = ["predict"] if len(outputs) == 1 else [f"output-{index}" for index in range(len(outputs))]
    return (
        Tensors([_tensor(node.name, node.meta["val"]) for node in inputs]),
        tuple(_tensor(name, node.meta["val"]) for name, node in zip(names, outputs)),
    )


def _tensor(name: str, traced: Any) -> Tensor:
    dtype = str(traced.dtype).rpartition(".")[2]
    # A dimension that may change is a symbol, not a number.
    shape = tuple(size if isinstance(size, int) else -1 for size in traced.shape)
    return Tensor(name, "FP32" if dtype == "bfloat16" else datatype_of(dtype), shape)


def _results(module: Any) -> tuple[Tensor, ...]:
    """The outputs, as far as they are told: TorchScript says how many there are, a module nothing."""
    schema = getattr(getattr(module, "forward", None), "schema", None)
    kind = str(schema.returns[0].type) if schema is not None and schema.returns else "Tensor"
    if kind.startswith(("Tuple[", "(")):
        count = kind.count("Tensor")
        return tuple(Tensor(f"output-{index}", "FP32", (-1, -1)) for index in range(count))
    return (Tensor("predict", "FP32", (-1, -1)),) if kind == "Tensor" else ()


def _arguments(module: Any) -> list[str]:
    code = getattr(getattr(module, "forward", None), "__code__", None)
    if code is not None:
        names = list(code.co_varnames[1 : code.co_argcount])
    else:
        schema = getattr(getattr(module, "forward", None), "schema", None)
        names = [item.name for item in schema.arguments[1:]] if schema is not None else []
    return names or ["input-0"]


def _read(torch: Any, path: Path) -> Any:
    try:
        module = torch.jit.load(path, map_location="cpu")
    except RuntimeError:  # no TorchScript archive
        module = torch.load(path, map_location="cpu", weights_only=False)
    if not hasattr(module, "eval"):
        raise LoadError(
            f"{path.name} holds a {type(module).__name__}, not a module: save it with torch.export.save "
            "as model.pt2, or serve it by code of your own (--code)"
        )
    return module.eval()
