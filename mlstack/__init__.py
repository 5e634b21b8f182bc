"""One spec for machine-learning infrastructure on every target, applied by Pulumi."""
