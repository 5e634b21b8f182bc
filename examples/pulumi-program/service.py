"""A component of one's own: what this team means by a service is a job, its model and its endpoint."""

import pulumi

import mlstack as ml


class Service(pulumi.ComponentResource):
    """Trains on ``data`` and serves what came of it. Outputs: url, key, model_version."""

    def __init__(
        self,
        name: str,
        *,
        data: ml.Data,
        environment: ml.Environment,
        c: float = 1.0,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("example:index:Service", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        job = ml.Job(
            f"{name}-train",
            command="python train.py --data ${{inputs.data}} --c ${{inputs.c}} --out ${{outputs.model}}",
            code="./src",
            environment=environment,
            inputs={"data": data, "c": {"value": c}},
            outputs={"model": {"type": "folder"}},
            opts=below,
        )
        model = ml.Model(name, from_=f"{job.mlstack_reference}.model", flavor="sklearn", opts=below)
        endpoint = ml.Endpoint(
            name,
            deployments={"main": ml.Deployment(model=model, environment=environment, traffic=100)},
            opts=below,
        )
        self.url = endpoint.url
        self.key = endpoint.key
        self.model_version = model.version
        self.register_outputs({"url": self.url, "key": self.key, "model_version": self.model_version})
