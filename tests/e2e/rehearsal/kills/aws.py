"""What is killed on AWS, and the same by plain Pulumi."""

from __future__ import annotations

from typing import Any

#: Beside the digits: a budget, whose amount can be changed in place.
SPEC = "budget: {amount: 500, currency: USD, per: month}\n"
#: Another run of the job, so another model; another machine for the deployment, so another configuration of
#: the endpoint; another amount; and other packages, so other images.
CHANGES = (
    ("c: {value: 1.0}", "c: {value: 2.0}"),
    ("environment: sk, traffic: 100", "environment: sk, size: cpu-m, traffic: 100"),
    ("amount: 500", "amount: 600"),
    ("pandas==2.3.3", "pandas==2.3.2"),
)

PACKAGE = "aws"
#: What only mlstack does.
LEFT_OUT = frozenset({"mlstack:aws:Job", "mlstack:aws:ModelPackage", "mlstack:aws:Switch"})


def plainly(resource: dict[str, Any], inputs: dict[str, Any], by_name: dict[str, Any]) -> list[str]:
    """Change inputs to those of a plain program: without the name that their own type takes. There is no
    run, so the model is of the code instead; the endpoint itself goes over to another configuration. The
    URNs of what is newly referred to."""
    from mlstack_aws.rehearsal.adapters import adapter

    one = adapter(resource["type"])
    if one is not None and one.name:
        inputs.pop(one.name, None)
    if resource["type"] == "aws:sagemaker/endpoint:Endpoint":
        resource["ignoreChanges"] = []
        configuration = by_name["EndpointConfiguration digits-config"]
        inputs["endpointConfigName"] = configuration["id"]
        return [configuration["urn"]]
    if resource["type"] != "aws:sagemaker/model:Model":
        return []
    code = by_name["Upload train-code-upload"]
    container = inputs["primaryContainer"]
    source = container["modelDataSource"]["s3DataSources"][0]
    inputs["primaryContainer"] = {
        **container,
        "modelDataSource": {"s3DataSources": [{**source, "s3Uri": code["outputs"]["uri"]}]},
    }
    return [code["urn"]]


def logical(name: str) -> str:
    return name


def replaced_on(type: str) -> list[str]:
    return []
