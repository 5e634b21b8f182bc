"""What a model takes, and errors that name the value which it does not."""

from __future__ import annotations

from mlstack_serving.schema.base import Signature, Tensor
from mlstack_serving.schema.file import named
from mlstack_serving.schema.table import Column, Table
from mlstack_serving.schema.tensors import Tensors

__all__ = ["Column", "Signature", "Table", "Tensor", "Tensors", "named"]
