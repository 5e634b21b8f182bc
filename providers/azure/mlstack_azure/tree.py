"""Which files of a folder go to Azure: judged as Azure's own client does."""

from __future__ import annotations

from mlstack.lowering.tree import Tree

TREE = Tree((".amlignore", ".gitignore"))
