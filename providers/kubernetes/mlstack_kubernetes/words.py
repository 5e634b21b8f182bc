"""Reasons and remedies that both the tables of refusals and the builders give."""

from __future__ import annotations

NO_ADDRESS = "KEDA is not told whom to ask for what is followed"
ADDRESS = "name the cluster's Prometheus in settings.kubernetes.prometheus.address; or follow cpu"
