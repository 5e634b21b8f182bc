"""Compute clusters, instances and attached clusters."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack.suggest import suggest
from mlstack_azure.rehearsal import sizes
from mlstack_azure.rehearsal.rules.base import AML, LEARN, QUOTAS, REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import period

_COMPUTE = "machinelearningservices:Compute"
_REST = REST + "azureml/compute/create-or-update"
_TYPES = ("AKS", "Kubernetes", "AmlCompute", "ComputeInstance", "DataFactory", "VirtualMachine", "HDInsight",
          "Databricks", "DataLakeAnalytics", "SynapseSpark")  # fmt: skip
_SCALE = "properties.properties.scaleSettings"

one_of("compute-type", _COMPUTE, "properties.computeType", _TYPES, _REST)
one_of("compute-priority", _COMPUTE, "properties.properties.vmPriority", ("Dedicated", "LowPriority"), _REST)
one_of("compute-os", _COMPUTE, "properties.properties.osType", ("Linux", "Windows"), _REST)
between("compute-max-nodes", _COMPUTE, f"{_SCALE}.maxNodeCount", 0, 65000, QUOTAS)


def _made(x: View) -> bool:
    return x["properties.computeType"] in ("AmlCompute", "ComputeInstance")


@rule("compute-properties", _COMPUTE, source=_REST)
def compute_properties(x: View) -> Iterator[Problem]:
    if x.missing("properties"):
        yield "properties", "a compute needs them"
    elif x.missing("properties.computeType"):
        yield "properties.computeType", "says which sort of compute it is"
    elif _made(x) and x.missing("properties.properties.vmSize"):
        yield "properties.properties.vmSize", "a cluster or instance needs a VM size"


@rule("compute-vm-size", _COMPUTE, source=sizes.CLUSTER_SOURCE)
def vm_size(x: View) -> Iterator[Problem]:
    size = x["properties.properties.vmSize"]
    if _made(x) and isinstance(size, str) and not sizes.cluster(size):
        near = suggest(size, [*sizes.MANAGED.values(), *sizes.OTHERS])
        hint = f"; did you mean {near!r}?" if near else ""
        yield "properties.properties.vmSize", f"{size!r} is no VM size that Azure ML compute takes{hint}"


@rule("compute-nodes", _COMPUTE, source=_REST + "; " + AML + "entities/_compute/aml_compute.py")
def nodes(x: View) -> Iterator[Problem]:
    """The fewest nodes are not more than the most, and neither is negative."""
    low, high = x[f"{_SCALE}.minNodeCount"] or 0, x[f"{_SCALE}.maxNodeCount"]
    if (
        x["properties.computeType"] == "AmlCompute"
        and x[_SCALE] is not None
        and x.missing(f"{_SCALE}.maxNodeCount")
    ):
        yield f"{_SCALE}.maxNodeCount", "scale settings say how many nodes there may be"
    if isinstance(low, (int, float)) and low < 0:
        yield f"{_SCALE}.minNodeCount", f"{low:g} is negative"
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        yield f"{_SCALE}.minNodeCount", f"{low:g} nodes at least, but {high:g} at most"


@rule("compute-idle", _COMPUTE, source=_REST + ": nodeIdleTimeBeforeScaleDown is an ISO 8601 duration")
def idle(x: View) -> Iterator[Problem]:
    for path in (f"{_SCALE}.nodeIdleTimeBeforeScaleDown", "properties.properties.idleTimeBeforeShutdown"):
        value = x[path]
        if isinstance(value, str) and period(value) is None:
            yield path, f"{value!r} is no ISO 8601 duration such as PT5M"


@rule("instance-idle-range", _COMPUTE, source=LEARN + "how-to-manage-compute-instance: 15 minutes to 3 days")
def instance_idle(x: View) -> Iterator[Problem]:
    value = x["properties.properties.idleTimeBeforeShutdown"]
    length = period(value) if isinstance(value, str) else None
    if (
        x["properties.computeType"] == "ComputeInstance"
        and length is not None
        and not 900 <= length <= 259200
    ):
        yield "properties.properties.idleTimeBeforeShutdown", "must be between 15 minutes and 3 days"


@rule("compute-attached", _COMPUTE, source=LEARN + "how-to-attach-kubernetes-to-workspace")
def attached(x: View) -> Iterator[Problem]:
    """An attached cluster is named by its id."""
    if x["properties.computeType"] in ("Kubernetes", "AKS"):
        value = x["properties.resourceId"]
        if x.missing("properties.resourceId"):
            yield "properties.resourceId", "an attached cluster is named by its id"
        elif isinstance(value, str) and not value.lower().startswith("/subscriptions/"):
            yield "properties.resourceId", f"{value!r} is no ARM id"


@rule("compute-ssh", _COMPUTE, source=_REST + ": UserAccountCredentials")
def ssh(x: View) -> Iterator[Problem]:
    """A user of the nodes has a password or a key."""
    path = "properties.properties.userAccountCredentials"
    if x[path] is None:
        return
    if x.missing(f"{path}.adminUserPassword") and x.missing(f"{path}.adminUserSshPublicKey"):
        yield path, "needs adminUserPassword or adminUserSshPublicKey"


@rule("compute-private-nodes", _COMPUTE, source=LEARN + "how-to-secure-training-vnet: no public IP")
def private_nodes(x: View) -> Iterator[Problem]:
    """Nodes without public addresses cannot have their login port open to the public."""
    if (
        x["properties.properties.enableNodePublicIp"] is False
        and x["properties.properties.remoteLoginPortPublicAccess"] == "Enabled"
    ):
        yield (
            "properties.properties.remoteLoginPortPublicAccess",
            "nodes without a public address cannot be reached",
        )
