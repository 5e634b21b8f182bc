"""Which files of a folder go to a cluster: none that its ignore file names or that looks like a secret."""

from __future__ import annotations

from mlstack.lowering.tree import Tree

TREE = Tree((".dockerignore", ".gitignore"))
