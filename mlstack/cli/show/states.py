"""Colours of the states of resources."""

STYLES = {"ready": "green", "running": "green", "failed": "red", "degraded": "yellow", "absent": "dim"}
