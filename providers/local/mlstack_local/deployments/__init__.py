"""Deployments: what their workers are made of, and how one set of workers takes over from another."""
