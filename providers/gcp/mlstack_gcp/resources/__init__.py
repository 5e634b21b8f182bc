"""Resources of our own Pulumi provider: what pulumi-gcp lacks."""
