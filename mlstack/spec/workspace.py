"""The workspace: what everything else of a stack lives in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlstack.spec.base import Resource
from mlstack.spec.text import Text


class Workspace(Resource):
    """The target's own frame for a project, with its storage, its registry and its identity."""

    name: Text | None = Field(
        default=None, description="Its name on the target. Left out: made from the stack's name."
    )
    existing: Text | None = Field(
        default=None,
        description="Name of a workspace that is there: it is used, never created, changed or deleted. "
        "`auto`: a "
        "viable one if there is one, else it is created. Left out: created.",
    )
    network: Literal["public", "private"] | None = Field(
        default=None,
        description="Whether it can be reached from the internet. Left out: public, or private with "
        "`security: strict`.",
    )
    storage: Text | None = Field(
        default=None, description="Id of a storage account or bucket to use. Left out: one is created."
    )
    registry: Text | None = Field(
        default=None,
        description="Id of a container registry to use. Left out: one is created when it is needed.",
    )
    identity: Text | None = Field(
        default=None, description="Id of the identity or role that work runs as. Left out: one is created."
    )
    encryption_key: Text | None = Field(
        default=None,
        description="Id of a key of your own that data is encrypted with; needed with `security: strict`. "
        "Left out: the target's own key.",
    )
