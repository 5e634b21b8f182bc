"""The serving runtime of mlstack: one server, every target's contract.

``python -m mlstack_serving --model DIR --name NAME`` serves a model. A user's own code may raise
``BadInput`` to answer 400 instead of 500.
"""

from __future__ import annotations

from mlstack_serving.errors import BadInput

__version__ = "0.1.0"

__all__ = ["BadInput", "__version__"]
