"""Online endpoints: auth, traffic, mirror traffic."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import LEARN, REST, Problem, View, one_of, rule

_ENDPOINT = "machinelearningservices:OnlineEndpoint"
_REST = REST + "azureml/online-endpoints/create-or-update"
_MIRROR = LEARN + "how-to-safely-rollout-online-endpoints: test the deployment with mirrored traffic"
_YAML = LEARN + "reference-yaml-endpoint-online"

one_of("endpoint-auth", _ENDPOINT, "properties.authMode", ("Key", "AMLToken", "AADToken"), _REST)
one_of("endpoint-public", _ENDPOINT, "properties.publicNetworkAccess", ("Enabled", "Disabled"), _REST)


@rule("endpoint-auth-needed", _ENDPOINT, source=_REST + ": authMode is required")
def auth_needed(x: View) -> Iterator[Problem]:
    if x.missing("properties.authMode"):
        yield "properties.authMode", "an endpoint says how callers prove who they are"


def _percent(x: View, path: str) -> Iterator[Problem]:
    for name, value in x.map(path).items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            yield f"{path}.{name}", f"{value!r} is no whole number of percent"
        elif not 0 <= value <= 100:
            yield f"{path}.{name}", f"{value:g} is not between 0 and 100"


@rule("traffic-percent", _ENDPOINT, source=_YAML + ": traffic values are between 0 and 100")
def traffic_percent(x: View) -> Iterator[Problem]:
    yield from _percent(x, "properties.traffic")
    yield from _percent(x, "properties.mirrorTraffic")


@rule("traffic-sum", _ENDPOINT, source=_YAML + ": the sum of all traffic values is 100 or 0")
def traffic_sum(x: View) -> Iterator[Problem]:
    values = [v for v in x.map("properties.traffic").values() if isinstance(v, (int, float))]
    if x.all_known("properties.traffic") and values and sum(values) not in (0, 100):
        yield "properties.traffic", f"the percentages sum to {sum(values):g}; they must sum to 100 or to 0"


@rule("mirror-one", _ENDPOINT, source=_MIRROR + ": one deployment")
def mirror_one(x: View) -> Iterator[Problem]:
    names = [name for name, value in x.map("properties.mirrorTraffic").items() if value]
    if len(names) > 1:
        yield "properties.mirrorTraffic", f"goes to one deployment only, not to {', '.join(sorted(names))}"


@rule("mirror-most", _ENDPOINT, source=_MIRROR + ": 50 percent at most")
def mirror_most(x: View) -> Iterator[Problem]:
    for name, value in x.map("properties.mirrorTraffic").items():
        if isinstance(value, (int, float)) and 50 < value <= 100:
            yield (
                f"properties.mirrorTraffic.{name}",
                f"{value:g} % is more than the 50 % that can be mirrored",
            )


@rule("mirror-not-live", _ENDPOINT, source=_MIRROR + ": live traffic or mirrored traffic, not both")
def mirror_not_live(x: View) -> Iterator[Problem]:
    live = x.map("properties.traffic")
    for name, value in x.map("properties.mirrorTraffic").items():
        if value and live.get(name):
            yield (
                f"properties.mirrorTraffic.{name}",
                f"{name!r} has live traffic; it cannot have mirrored traffic too",
            )


@rule(
    "kubernetes-endpoint",
    _ENDPOINT,
    source=_MIRROR
    + ": not for Kubernetes; "
    + LEARN
    + "how-to-authenticate-online-endpoint: aad_token is for managed endpoints",
)
def kubernetes_endpoint(x: View) -> Iterator[Problem]:
    """An endpoint on a cluster of one's own has neither mirrored traffic nor Microsoft Entra tokens."""
    if not x["properties.compute"]:
        return
    if any(x.map("properties.mirrorTraffic").values()):
        yield "properties.mirrorTraffic", "Kubernetes endpoints cannot mirror traffic"
    if x["properties.authMode"] == "AADToken":
        yield "properties.authMode", "Kubernetes endpoints take Key or AMLToken"


@rule("endpoint-keys", _ENDPOINT, source=_REST + ": keys are for the auth mode Key")
def keys(x: View) -> Iterator[Problem]:
    if x["properties.keys"] and x["properties.authMode"] in ("AMLToken", "AADToken"):
        yield "properties.keys", f"an endpoint with the auth mode {x['properties.authMode']} has no keys"
