"""The Azure ML target: the spec as resources of pulumi-azure-native, and what that package lacks."""

from mlstack_azure.provider import Azure

__all__ = ["Azure"]
