"""What is around Vertex AI: secrets, keys, networks, alerts, budgets, schedules, grants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack_gcp.rehearsal.rules.base import Problem, View, matches, one_of, rule
from mlstack_gcp.rehearsal.rules.times import cron_problem, seconds, zone_problem

_REST = "cloud.google.com/monitoring/api/ref_v3/rest/v3/"
_POLICY, _CHANNEL = "monitoring/alertPolicy:AlertPolicy", "monitoring/notificationChannel:NotificationChannel"
_SCHEDULER, _BUDGET = "cloudscheduler/job:Job", "billing/budget:Budget"
_BUDGETS = "cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets"
_JOBS = "cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs"
#: Labels that a type of channel needs (monitoring: notificationChannelDescriptors).
_LABELS: Mapping[str, tuple[str, ...]] = {
    "email": ("email_address",),
    "sms": ("number",),
    "slack": ("channel_name",),
    "pubsub": ("topic",),
    "webhook_tokenauth": ("url",),
    "webhook_basicauth": ("url", "username"),
    "pagerduty": (),
    "google_chat": ("space",),
}

one_of(
    "alert-combiner",
    _POLICY,
    "combiner",
    ("AND", "OR", "AND_WITH_MATCHING_RESOURCE"),
    _REST + "projects.alertPolicies",
)
one_of("channel-type", _CHANNEL, "type", _LABELS, _REST + "projects.notificationChannelDescriptors")
one_of(
    "repository-format",
    "artifactregistry/repository:Repository",
    "format",
    ("DOCKER", "MAVEN", "NPM", "APT", "YUM", "PYTHON", "KFP", "GO", "GENERIC", "RUBY"),
    "cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories#Format",
)
one_of(
    "public-access",
    "storage/bucket:Bucket",
    "publicAccessPrevention",
    ("inherited", "enforced"),
    "cloud.google.com/storage/docs/public-access-prevention",
)
matches(
    "service-name",
    "projects/service:Service",
    "service",
    r"[a-z0-9-]+\.googleapis\.com",
    "the name of a service (NAME.googleapis.com)",
    "cloud.google.com/service-usage/docs/reference/rest/v1/services/enable",
)
matches(
    "billing-account",
    _BUDGET,
    "billingAccount",
    r"[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}",
    "the id of a billing account (012345-6789AB-CDEF01)",
    _BUDGETS,
)


@rule("channel-labels", _CHANNEL, source=_REST + "projects.notificationChannelDescriptors: labels")
def channel_labels(x: View) -> Iterator[Problem]:
    given = x.map("labels")
    if not x.all_known("labels"):
        return
    for label in _LABELS.get(x.text("type") or "", ()):
        if not given.get(label):
            yield f"labels.{label}", f"a channel of the type {x['type']} needs it"
    address = given.get("email_address")
    if isinstance(address, str) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        yield "labels.email_address", f"{address!r} is no address"


@rule("alert-conditions", _POLICY, source=_REST + "projects.alertPolicies: conditions: 1 to 6")
def alert_conditions(x: View) -> Iterator[Problem]:
    found = x.list("conditions")
    if x.all_known("conditions") and not 1 <= len(found) <= 6:
        yield "conditions", f"there are {len(found)}; there may be 1 to 6"
    ways = ("conditionThreshold", "conditionAbsent", "conditionMatchedLog", "conditionSql",
            "conditionMonitoringQueryLanguage", "conditionPrometheusQueryLanguage")  # fmt: skip
    for at, one in found:
        if sum(not one.missing(way) for way in ways) != 1:
            yield f"conditions[{at}]", "has exactly one of " + ", ".join(ways)


@rule("alert-threshold", _POLICY, source=_REST + "projects.alertPolicies#MetricThreshold")
def alert_threshold(x: View) -> Iterator[Problem]:
    for at, one in x.list("conditions"):
        base, path = "conditionThreshold", f"conditions[{at}].conditionThreshold"
        if one.missing(base):
            continue
        text = one.text(f"{base}.filter")
        if text is not None and not ("metric.type" in text and "resource.type" in text):
            yield f"{path}.filter", "must name metric.type and resource.type"
        if one.text(f"{base}.comparison") not in (None, "COMPARISON_GT", "COMPARISON_LT"):
            yield f"{path}.comparison", "only COMPARISON_GT and COMPARISON_LT are supported"
        value = seconds(one.text(f"{base}.duration"))
        if value is not None and (value % 60 or value < 0):
            yield f"{path}.duration", f"{value:g} s is no multiple of a minute"
        for number, each in one.list(f"{base}.aggregations"):
            period = seconds(each.text("alignmentPeriod"))
            if period is not None and period < 60:
                yield f"{path}.aggregations[{number}].alignmentPeriod", "must be at least 60 s"


@rule("budget-amount", _BUDGET, source=_BUDGETS + "#BudgetAmount: one of specifiedAmount, lastPeriodAmount")
def budget_amount(x: View) -> Iterator[Problem]:
    if x.all_known("amount") and x.missing("amount.specifiedAmount") == x.missing("amount.lastPeriodAmount"):
        yield "amount", "has exactly one of specifiedAmount and lastPeriodAmount"
    units, nanos = x.number("amount.specifiedAmount.units"), x.number("amount.specifiedAmount.nanos")
    if units is not None and units + (nanos or 0) / 1e9 <= 0:
        yield "amount.specifiedAmount.units", f"{units:g} is no amount to spend"
    currency = x.text("amount.specifiedAmount.currencyCode")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        yield "amount.specifiedAmount.currencyCode", f"{currency!r} is no currency of ISO 4217"


@rule("budget-thresholds", _BUDGET, source=_BUDGETS + "#ThresholdRule: 1.0 is 100 %")
def budget_thresholds(x: View) -> Iterator[Problem]:
    for at, one in x.list("thresholdRules"):
        value = one.number("thresholdPercent")
        if value is not None and value < 0:
            yield f"thresholdRules[{at}].thresholdPercent", f"{value:g} is less than 0"


@rule("scheduler-cron", _SCHEDULER, source=_JOBS + "#Job: schedule, timeZone")
def scheduler_cron(x: View) -> Iterator[Problem]:
    cron, zone = x.text("schedule"), x.text("timeZone")
    if cron and not re.match(r"every |\d+(st|nd|rd|th) ", cron) and (problem := cron_problem(cron)):
        yield "schedule", problem
    if zone and (problem := zone_problem(zone)):
        yield "timeZone", problem


@rule(
    "scheduler-target", _SCHEDULER, source=_JOBS + "#Job: exactly one target; attemptDeadline 15 s to 30 min"
)
def scheduler_target(x: View) -> Iterator[Problem]:
    ways = ("httpTarget", "pubsubTarget", "appEngineHttpTarget")
    if all(x.all_known(one) for one in ways) and sum(not x.missing(one) for one in ways) != 1:
        yield "httpTarget", "has exactly one of " + ", ".join(ways)
    value = seconds(x.text("attemptDeadline"))
    if value is not None and not 15 <= value <= 1800:
        yield "attemptDeadline", f"{value:g} s is not between 15 s and 30 min"
    uri = x.text("httpTarget.uri") or ""
    if "googleapis.com" in uri and x.given("httpTarget.oidcToken"):
        yield "httpTarget.oidcToken", "interfaces of Google take an oauthToken"


@rule(
    "secret-replication",
    "secretmanager/secret:Secret",
    source="cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets#Replication: one of "
    "automatic, userManaged",
)
def secret_replication(x: View) -> Iterator[Problem]:
    if not x.all_known("replication"):
        return
    ways = [key for key in ("auto", "userManaged") if x.raw(f"replication.{key}") is not None]
    if len(ways) != 1:
        yield "replication", "has exactly one of auto and userManaged"
    if "userManaged" in ways and not x.list("replication.userManaged.replicas"):
        yield "replication.userManaged.replicas", "names at least one location"


@rule("key-location", "kms/keyRing:KeyRing", source="cloud.google.com/kms/docs/locations")
def key_location(x: View) -> Iterator[Problem]:
    value = x.text("location")
    if value is not None and not re.fullmatch(
        r"global|us|eur\d?|europe|nam\d+|asia\d?|[a-z]+-[a-z]+\d+|eur-[a-z]+", value
    ):
        yield "location", f"{value!r} is no location of Cloud KMS"


@rule("key-rotation", "kms/cryptoKey:CryptoKey", source="cloud.google.com/kms/docs/reference/rest/v1/"
      "projects.locations.keyRings.cryptoKeys: rotationPeriod: at least 24 hours")  # fmt: skip
def key_rotation(x: View) -> Iterator[Problem]:
    value = seconds(x.text("rotationPeriod"))
    if value is not None and not 86400 <= value <= 876000 * 3600:
        yield "rotationPeriod", f"{value:g} s is not between a day and 876000 hours"


@rule(
    "grant-member",
    *(
        "projects/iAMMember:IAMMember",
        "storage/bucketIAMMember:BucketIAMMember",
        "serviceaccount/iAMMember:IAMMember",
    ),
    *(
        "artifactregistry/repositoryIamMember:RepositoryIamMember",
        "secretmanager/secretIamMember:SecretIamMember",
    ),
    *("kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "pubsub/topicIAMMember:TopicIAMMember"),
    source="cloud.google.com/iam/docs/principal-identifiers; cloud.google.com/iam/docs/roles-overview",
)
def grant_member(x: View) -> Iterator[Problem]:
    member, role = x.text("member"), x.text("role")
    kinds = r"(user|serviceAccount|group|domain|principal|principalSet|deleted|project(Owner|Editor|Viewer))"
    if member is not None and not re.fullmatch(rf"allUsers|allAuthenticatedUsers|{kinds}:.+", member):
        yield "member", f"{member!r} is no principal (user:E-MAIL, serviceAccount:E-MAIL …)"
    if role is not None and not re.fullmatch(r"(roles|(projects|organizations)/[^/]+/roles)/[\w.]+", role):
        yield "role", f"{role!r} is no role (roles/NAME)"


@rule(
    "peering-range",
    "compute/globalAddress:GlobalAddress",
    source="cloud.google.com/vpc/docs/configure-private-services-access: /16 is recommended",
)
def peering_range(x: View) -> Iterator[Problem]:
    length = x.number("prefixLength")
    if x["purpose"] == "VPC_PEERING":
        if x.text("addressType") not in (None, "INTERNAL"):
            yield "addressType", "a range for peering is INTERNAL"
        if length is not None and not 8 <= length <= 29:
            yield "prefixLength", f"{length:g} is not between 8 and 29"


@rule(
    "subnet-range",
    "compute/subnetwork:Subnetwork",
    source="cloud.google.com/vpc/docs/subnets#valid-ranges: /4 to /29",
)
def subnet_range(x: View) -> Iterator[Problem]:
    value = x.text("ipCidrRange")
    match = re.fullmatch(r"\d+\.\d+\.\d+\.\d+/(\d+)", value or "")
    if value is not None and not (match and 4 <= int(match[1]) <= 29):
        yield "ipCidrRange", f"{value!r} is no range of /4 to /29"
