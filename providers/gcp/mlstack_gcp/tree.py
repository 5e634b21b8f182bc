"""Which files of a folder go to Google Cloud: judged as Google's own client does."""

from __future__ import annotations

from mlstack.lowering.tree import Tree

TREE = Tree((".gcloudignore", ".gitignore"))
