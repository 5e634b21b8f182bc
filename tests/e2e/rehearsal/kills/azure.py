"""What is killed on Azure, and the same by plain Pulumi."""

from __future__ import annotations

from typing import Any

#: Beside the digits: a cluster, whose size can be changed in place.
SPEC = "compute:\n  pool: {size: cpu-s, min: 0, max: 1}\n"
#: Another run of the job, so another model; another machine for the deployment, so a replacement; another
#: size of the cluster, and other packages.
CHANGES = (
    ("c: {value: 1.0}", "c: {value: 2.0}"),
    ("environment: sk, traffic: 100", "environment: sk, size: cpu-m, traffic: 100"),
    ("max: 1}", "max: 2}"),
    ("pandas==2.3.3", "pandas==2.3.2"),
)

PACKAGE = "azure-native"
#: What only mlstack does.
LEFT_OUT = frozenset({"mlstack:azure:Job", "mlstack:azure:Traffic"})
#: Azure has one role of one identity in one place once, whatever its name is; the rehearsal makes up no GUID.
_NAMED = {"authorization:RoleAssignment"}


def plainly(resource: dict[str, Any], inputs: dict[str, Any], by_name: dict[str, Any]) -> list[str]:
    """Change inputs to those of a plain program: without the name that their own type takes. There is no
    run, so the model is of the data instead. The URNs of what is newly referred to."""
    from mlstack_azure.rehearsal import ids

    type = ids.type_of(resource["type"])
    if type.kind not in _NAMED:
        inputs.pop(type.own, None)
    if type.kind != "machinelearningservices:ModelVersion":
        return []
    data = by_name["Upload digits-upload"]
    inputs["properties"] = {**inputs["properties"], "modelUri": data["outputs"]["uri"]}
    inputs["properties"].pop("jobName")
    return [data["urn"]]


def logical(name: str) -> str:
    """What is made up begins with the logical name, and some types take no hyphen."""
    return name.replace("-", "")


def replaced_on(type: str) -> list[str]:
    """Azure changes no version, and the package does not know."""
    return ["properties"] if type.endswith("Version") else []
