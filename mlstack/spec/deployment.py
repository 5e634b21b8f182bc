"""Deployments: a model that answers behind an endpoint."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StrictInt, model_validator

from mlstack.spec.base import Spec, exactly_one
from mlstack.spec.faults import fault
from mlstack.spec.machine import Machine, check_order, max_follows_min
from mlstack.spec.model import InlineModel
from mlstack.spec.numbers import Fraction, Percent, Positive
from mlstack.spec.references import ComputeRef, EnvironmentRef, Ref, SecretRef
from mlstack.spec.text import Text, Variable
from mlstack.spec.units import Duration, Memory, Period


class Target(Spec):
    """What the number of replicas follows: exactly one of these."""

    concurrency: Positive | None = Field(
        default=None,
        description="Requests at a time per replica. Left out: something else is followed.",
    )
    rps: Positive | None = Field(
        default=None,
        description="Requests per second per replica. Left out: something else is followed.",
    )
    cpu: Percent | None = Field(
        default=None, description="Use of the processors in percent. Left out: something else is followed."
    )
    gpu: Percent | None = Field(
        default=None, description="Use of the accelerators in percent. Left out: something else is followed."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("concurrency", "rps", "cpu", "gpu"), "scaling-target", "a target")
        return self


class Replicas(Spec):
    """How many copies serve; a number stands for a fixed count."""

    min: StrictInt = Field(
        default=1, ge=0, description="Copies at least; 0 lets it sleep when nobody asks. Left out: 1."
    )
    max: StrictInt = Field(
        default=1, ge=1, description="Copies at most. Left out: as many as `min`, and at least 1."
    )
    target: Target | None = Field(
        default=None,
        description="What the number follows between `min` and `max`. Left out: the target's usual.",
    )
    idle: Period | None = Field(
        default=None,
        description="How long a copy may have nothing to do before it is taken away. Left out: the "
        "target's usual.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, data: Any) -> Any:
        if isinstance(data, int) and not isinstance(data, bool):
            if data < 1:
                raise fault(
                    "bad-replicas",
                    f"{data} is no number of replicas",
                    "write 1 or more; to sleep when nobody asks, write {min: 0, max: 1}",
                )
            return {"min": data, "max": data}
        return max_follows_min(data)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.min, self.max)
        return self


def _or_a_number(schema: dict[str, Any]) -> None:
    """For JSON Schema: a count stands for the object."""
    schema["anyOf"] = [{"type": "integer", "minimum": 1}, {"$ref": schema.pop("$ref")}]


class Code(Spec):
    """Code of one's own: ``init()`` and ``run(data)``, or a class with ``load`` and ``predict``."""

    dir: str = Field(description="Folder, relative to the spec, that is brought along. Required.")
    script: str = Field(description="The file in it that answers. Required.")


class Container(Spec):
    """A server of one's own in an image."""

    image: Text = Field(description="The image. Required.")
    command: list[str] | None = Field(
        default=None, description="What it runs. Left out: the image's own command."
    )
    port: StrictInt = Field(
        default=8080, ge=1, le=65535, description="The port it listens on. Left out: 8080."
    )
    health: str = Field(
        default="/v2/health/ready",
        description="Path that answers 200 when it is ready. Left out: /v2/health/ready.",
    )


class Server(Spec):
    """Another server than mlstack's own: exactly one of these."""

    vllm: dict[str, Any] | None = Field(
        default=None,
        description="vLLM, with its own engine arguments such as max_model_len. Left out: another server "
        "is given.",
    )
    container: Container | None = Field(
        default=None, description="A server in an image of one's own. Left out: another server is given."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("vllm", "container"), "server-choice", "a server")
        return self


class Probe(Spec):
    """A question asked again and again to find out how a copy fares."""

    path: str | None = Field(default=None, description="Path that is asked. Left out: the server's own.")
    initial_delay: Duration | None = Field(
        default=None, description="Wait before the first time. Left out: the target's usual."
    )
    period: Period | None = Field(default=None, description="Time between two. Left out: the target's usual.")
    timeout: Period | None = Field(
        default=None, description="How long an answer may take. Left out: the target's usual."
    )
    failures: StrictInt | None = Field(
        default=None, ge=1, description="Failures in a row that count. Left out: the target's usual."
    )


class Probes(Spec):
    """How it is found out whether a copy is ready, and whether it is alive."""

    ready: Probe | None = Field(
        default=None, description="Whether it may be sent requests. Left out: the target's usual."
    )
    live: Probe | None = Field(
        default=None, description="Whether it must be started anew. Left out: the target's usual."
    )


class Capture(Spec):
    """Requests and answers that are kept, for monitors and for training."""

    sample: Fraction = Field(
        default=1.0, description="The part of the requests that is kept, 0 to 1. Left out: all."
    )
    rotate: Period | None = Field(
        default=None, description="The time that one file holds at most. Left out: the target's usual."
    )
    keep: Period | None = Field(
        default=None, description="How long captured requests are kept. Left out: until they are removed."
    )


class Batching(Spec):
    """Requests that arrive together are answered by one call of the model."""

    size: StrictInt = Field(default=32, ge=2, description="Rows per call at most. Left out: 32.")
    wait: Period = Field(
        default=Duration(0.005),
        description="How long the first request waits for others at most. Left out: 5ms.",
    )


class Limits(Spec):
    """What one copy takes on; more is refused at once, so that callers can turn elsewhere."""

    concurrency: StrictInt | None = Field(
        default=None, ge=1, description="Requests worked on at a time. Left out: the server's usual."
    )
    queue: StrictInt | None = Field(
        default=None,
        ge=0,
        description="Requests that may wait; the next is answered 429. Left out: the server's usual.",
    )
    body: Memory | None = Field(
        default=None,
        description="Size of a request at most, such as 10MB; a larger one is answered 413. Left out: the "
        "server's usual.",
    )


class Deployment(Machine):
    """One version behind an endpoint, with its machine, its copies and its part of the traffic."""

    model: Annotated[str | InlineModel, Ref("models", or_else=InlineModel)] | None = Field(
        default=None,
        description="Name of the model, or one written in place ({hub: …}, {path: …}). Left out: code or a "
        "container brings it.",
    )
    environment: EnvironmentRef | None = Field(
        default=None,
        description="Name of the environment. Left out: the packages that the model's flavor needs.",
    )
    code: Code | None = Field(
        default=None, description="Code of one's own that answers. Left out: the model's flavor answers."
    )
    server: Server | None = Field(
        default=None, description="Another server. Left out: mlstack's own, which all targets share."
    )
    compute: ComputeRef | None = Field(
        default=None,
        description="Name of the compute it runs on: a cluster, or a pool for batch. Left out: machines of "
        "its own.",
    )
    replicas: Replicas = Field(
        default_factory=Replicas,
        description="How many copies serve: a number, or min and max. Left out: one.",
        json_schema_extra=_or_a_number,
    )
    traffic: Percent | None = Field(
        default=None,
        description="Percentage of the endpoint's requests; all of them sum to 100. Left out: 100 when it "
        "is the "
        "only deployment, else 0.",
    )
    mirror: Percent | None = Field(
        default=None,
        description="Percentage of the requests that are copied to it, the answers thrown away. Left out: "
        "none.",
    )
    env: dict[Variable, Text] = Field(
        default_factory=dict, description="Environment variables. Left out: only those that mlstack sets."
    )
    secrets: dict[Variable, SecretRef] = Field(
        default_factory=dict,
        description="Environment variables that take the value of a secret, by the secret's name. Left "
        "out: none.",
    )
    timeout: Period | None = Field(
        default=None, description="How long one answer may take. Left out: the target's usual."
    )
    probes: Probes | None = Field(
        default=None, description="How its health is asked. Left out: the target's usual."
    )
    batching: Batching | None = Field(
        default=None,
        description="Whether requests that arrive together are answered together. Left out: each by itself.",
    )
    limits: Limits | None = Field(
        default=None, description="What one copy takes on at most. Left out: the target's usual."
    )
    capture: Capture | None = Field(
        default=None, description="What is kept of requests and answers. Left out: nothing."
    )
    mini_batch: StrictInt | None = Field(
        default=None, ge=1, description="Batch only: rows or files per call. Left out: the target's usual."
    )
    max_errors: StrictInt | None = Field(
        default=None, ge=0, description="Batch only: failed items before a run fails. Left out: no limit."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        container = self.server.container if self.server else None
        if self.model is None and self.code is None and container is None:
            raise fault(
                "model-missing",
                "a deployment has nothing that answers",
                "give model: NAME, or code, or server: {container: …}",
            )
        if self.server is not None and self.code is not None:
            raise fault(
                "server-and-code",
                "code runs in mlstack's own server, not in another",
                "keep code, or keep server",
            )
        if container is not None and self.environment is not None:
            raise fault(
                "container-and-environment",
                "the container's image is its environment already",
                "leave out environment, or leave out server.container",
            )
        if self.traffic and self.mirror:
            raise fault(
                "mirror-and-traffic",
                f"a deployment answers {self.traffic}% of the requests and gets {self.mirror}% of them as "
                "copies",
                "set traffic to 0, or leave out mirror",
            )
        return self
