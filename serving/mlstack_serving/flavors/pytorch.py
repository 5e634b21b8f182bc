"""PyTorch: exported programs (.pt2), TorchScript and pickled modules (.pt).

A file of weights alone says nothing about the network: it needs code of the user's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import need
from mlstack_serving.model import Model, Tensor


def load(path: Path) -> Model:
    torch = need("torch", "torch", "pytorch")
    module = _read(torch, path)
    weights = next((item for item in module.parameters() if item.is_floating_point()), None)

    def tensor(values: Any, field: str) -> Any:
        if isinstance(values, list) or values.dtype.kind not in "biuf":
            raise BadInput("must be numbers in rows of one length", field)
        made = torch.from_numpy(values)
        # JSON numbers arrive as doubles; the network wants what its weights are.
        if weights is not None and made.is_floating_point():
            made = made.to(weights.dtype)
        return made if weights is None else made.to(weights.device)

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        with torch.inference_mode():
            if batch.named:
                result = module(
                    **{name: tensor(values, batch.field) for name, values in batch.tensors.items()}
                )
            else:
                result = module(tensor(batch.rows, batch.field))
        if isinstance(result, (tuple, list)):
            result = {f"output-{index}": item for index, item in enumerate(result)}
        return {"predict": result} if wanted and not isinstance(result, dict) else result

    return Model("pytorch_torch", predict, inputs=(Tensor("input-0", "FP32", (-1, -1)),))


def _read(torch: Any, path: Path) -> Any:
    if path.suffix == ".pt2":
        return torch.export.load(path).module()
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
