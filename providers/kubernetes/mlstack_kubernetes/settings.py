"""``settings.kubernetes``: which cluster, and what it has that a stack may use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mlstack.lowering.mail import Mail
from mlstack.lowering.settings import formed
from mlstack.provider import Settings as BaseSettings
from mlstack.spec.units import Duration, Memory

#: RFC 1123, as the API server asks of most names.
_NAME = formed(
    r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
    "name of an object in a cluster",
    "write 1 to 63 small letters, digits and hyphens, as `kubectl get` shows it",
)
_ADDRESS = formed(
    r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?",
    "address",
    "write scheme and host, such as https://ml.example.com",
)

Name = Annotated[str, _NAME]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Gateway(_Block):
    """A Gateway (gateway.networking.k8s.io/v1) of the cluster; used, not changed."""

    name: Name = Field(description="Name of the Gateway. Required.")
    namespace: Name | None = Field(
        default=None, description="Namespace that it is in. Left out: the stack's own."
    )
    address: Annotated[str, _ADDRESS] = Field(
        description="Scheme and host that callers reach it at, such as https://ml.example.com. Required."
    )


class Ingress(_Block):
    """An ingress controller of the cluster; used, not changed."""

    class_name: Name = Field(
        alias="class",
        description="Name of its IngressClass, as `kubectl get ingressclass` shows it. Required.",
    )
    address: Annotated[str, _ADDRESS] = Field(
        description="Scheme and host below which each endpoint has a host of its own: with "
        "https://ml.example.com, digits is https://digits.ml.example.com. Required."
    )
    certificate: Name | None = Field(
        default=None,
        description="Name of the Secret with a certificate for those hosts, in the stack's namespace. Left "
        "out: the controller's own certificate.",
    )


class Smtp(Mail):
    """``settings.kubernetes.smtp``: the server that takes the mail of notifications."""

    host: str = Field(description="The server, by a name that pods can reach. Required.")


class Prometheus(_Block):
    """What the cluster has to watch endpoints with."""

    operator: Literal["auto", "used", "none"] = Field(
        default="auto",
        description="Whether the Prometheus operator is used. used: a ServiceMonitor for each endpoint, a "
        "PrometheusRule for its monitors of latency and errors. none: pods carry annotations by which a "
        "Prometheus may find them, and such monitors are refused. Left out: auto, by what the cluster has "
        "at the first `up`.",
    )
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="Labels by which the cluster's Prometheus selects what it follows, such as "
        "{release: kube-prometheus-stack}. Left out: none.",
    )
    address: Annotated[str, _ADDRESS] | None = Field(
        default=None,
        description="Address in the cluster that KEDA asks for requests and the use of accelerators, such as "
        "http://prometheus-operated.monitoring.svc:9090. Left out: such a `target` is refused.",
    )


class Settings(BaseSettings):
    """``settings.kubernetes``."""

    context: str | None = Field(
        default=None,
        description="Context of the kubeconfig. Left out: the one that is current at the first `up`.",
    )
    namespace: Name | None = Field(
        default=None,
        description="Name of the stack's namespace, where the workspace has no name. Left out: made from the "
        "stack's name.",
    )
    serving: Literal["auto", "plain", "kserve", "kuberay"] = Field(
        default="auto",
        description="How endpoints are served. plain: by Deployments and Services. kserve: by "
        "InferenceServices. kuberay: not built. Left out: auto, which is kserve where the cluster has KServe "
        "when an endpoint is made first, else plain; it stays until `--replan`.",
    )
    image: str | None = Field(
        default=None,
        description="Image with Python that code runs in, where its environment names no image of its own; "
        "best by digest. Left out: python:VERSION-slim.",
    )
    storage_class: Name | None = Field(
        default=None,
        description="StorageClass of the stack's volume. Left out: the cluster's default.",
    )
    access: Literal["ReadWriteOnce", "ReadWriteMany"] = Field(
        default="ReadWriteOnce",
        description="How the stack's volume is shared. ReadWriteOnce: what mounts it runs on one node. "
        "ReadWriteMany, for which the class has to be made: on any. Left out: ReadWriteOnce.",
    )
    capacity: Memory = Field(
        default=Memory(10), description="Size of the stack's volume, in GiB or with a unit. Left out: 10."
    )
    patience: Duration = Field(
        default=Duration(300),
        description="How long `up` waits for a node that can take a pod: an autoscaler may bring one. "
        "Left out: 5m.",
    )
    gateway: Gateway | None = Field(
        default=None,
        description="The Gateway that public endpoints are reached through. Left out: there is none.",
    )
    internal_gateway: Gateway | None = Field(
        default=None,
        description="The Gateway, reached from inside alone, through which endpoints that are not public "
        "share out or copy their requests. Left out: there is none.",
    )
    ingress: Ingress | None = Field(
        default=None,
        description="The ingress controller that public endpoints are reached through, where there is no "
        "gateway. Left out: there is none.",
    )
    queue: Name | None = Field(
        default=None,
        description="LocalQueue of Kueue, in the stack's namespace, that jobs wait in until there is room "
        "for them. Left out: they begin at once.",
    )
    cluster_queue: Name | None = Field(
        default=None,
        description="ClusterQueue of Kueue that a LocalQueue is made for, which jobs wait in. Left out: none "
        "is made.",
    )
    prometheus: Prometheus = Field(
        default_factory=Prometheus,
        description="How the cluster's Prometheus is used. Left out: by its operator, where the cluster "
        "has it.",
    )
    smtp: Smtp | None = Field(
        default=None,
        description="The mail server for notifications by e-mail. Left out: there is none, and none is sent.",
    )
