"""The engine layer: the only code of mlstack that finds, starts and watches Pulumi."""
