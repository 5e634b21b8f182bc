"""The REST interfaces of Azure, for gap resources and the runtime."""

from mlstack_azure.arm.client import Arm, Interrupted, present
from mlstack_azure.arm.cloud import ML_API, Cloud
from mlstack_azure.arm.ids import Workspace, last, parent, segment

__all__ = ["ML_API", "Arm", "Cloud", "Interrupted", "Workspace", "last", "parent", "present", "segment"]
