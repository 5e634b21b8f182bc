"""Builders: one file for each kind of the spec."""
