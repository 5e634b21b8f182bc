"""Placement: which of a target's machines stands behind a size or a requirement, and that it stays so."""
