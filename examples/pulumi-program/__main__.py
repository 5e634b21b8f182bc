"""A Pulumi program: mlstack's components below a component of its own, and outputs made of both."""

import pulumi
from service import Service

import mlstack as ml

config = pulumi.Config()

environment = ml.Environment("sk", packages=["scikit-learn==1.7.2", "pandas==2.3.3"])
wine = ml.Data("wine", path="./data/wine.csv", type="file", columns={"label": "cultivar"})

service = Service("wine", data=wine, environment=environment, c=config.get_float("c") or 1.0)

pulumi.export("url", service.url)
pulumi.export("key", service.key)
pulumi.export(
    "curl", pulumi.Output.concat("curl ", service.url, " -H 'Authorization: Bearer ", service.key, "'")
)
pulumi.export("model", {"version": service.model_version, "data": wine.version})
