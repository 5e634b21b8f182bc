"""Which files of a folder go to AWS."""

from __future__ import annotations

from mlstack.lowering.tree import Tree

TREE = Tree((".sagemakerignore", ".gitignore"))
