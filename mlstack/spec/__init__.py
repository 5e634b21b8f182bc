"""The spec: data classes that YAML, Python and plain language share. Nothing of Pulumi is below them."""

from mlstack.spec.base import Resource, Spec
from mlstack.spec.budget import Budget
from mlstack.spec.compute import Cluster, Compute, NodePool
from mlstack.spec.data import Columns, Data
from mlstack.spec.deployment import (
    Batching,
    Capture,
    Code,
    Container,
    Deployment,
    Limits,
    Probe,
    Probes,
    Replicas,
    Server,
    Target,
)
from mlstack.spec.endpoint import Endpoint
from mlstack.spec.environment import Environment
from mlstack.spec.job import Job, Output
from mlstack.spec.kinds import KINDS, SINGLE, Kind, resources
from mlstack.spec.machine import SIZES, Requirement, Size
from mlstack.spec.model import Flavor, InlineModel, Model
from mlstack.spec.monitor import Monitor
from mlstack.spec.notification import FromSecret, Notification
from mlstack.spec.numbers import Fraction, Percent
from mlstack.spec.pipeline import Approval, Pipeline, Step
from mlstack.spec.references import Ref, Value
from mlstack.spec.rollout import Rollout
from mlstack.spec.schedule import Schedule
from mlstack.spec.secret import Secret
from mlstack.spec.stack import Stack
from mlstack.spec.text import Deferred, Name, Text, is_deferred
from mlstack.spec.units import Duration, Gpu, Memory, Money
from mlstack.spec.workspace import Workspace

__all__ = [
    "KINDS",
    "SINGLE",
    "SIZES",
    "Approval",
    "Batching",
    "Budget",
    "Capture",
    "Cluster",
    "Code",
    "Columns",
    "Compute",
    "Container",
    "Data",
    "Deferred",
    "Deployment",
    "Duration",
    "Endpoint",
    "Environment",
    "Flavor",
    "Fraction",
    "FromSecret",
    "Gpu",
    "InlineModel",
    "Job",
    "Kind",
    "Limits",
    "Memory",
    "Model",
    "Money",
    "Monitor",
    "Name",
    "NodePool",
    "Notification",
    "Output",
    "Percent",
    "Pipeline",
    "Probe",
    "Probes",
    "Ref",
    "Replicas",
    "Requirement",
    "Resource",
    "Rollout",
    "Schedule",
    "Secret",
    "Server",
    "Size",
    "Spec",
    "Stack",
    "Step",
    "Target",
    "Text",
    "Value",
    "Workspace",
    "is_deferred",
    "resources",
]
