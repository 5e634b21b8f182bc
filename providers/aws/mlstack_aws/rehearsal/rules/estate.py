"""What stands around the models: secrets, topics, alarms, budgets, keys, builds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, Problem, Site, View, condition, rule

_SECRET = DOCS + "secretsmanager/latest/apireference/API_DeleteSecret.html"
_ALARM = DOCS + "AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
_BUDGET = DOCS + "aws-cost-management/latest/APIReference/API_budgets_{}.html"
#: Days that a log group can keep what it has; any other number is refused.
_KEPT = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


@rule("secret-window", "secretsmanager", "DeleteSecret", source=_SECRET + ": RecoveryWindowInDays")
def recovery(x: View) -> Iterator[Problem]:
    days = x["RecoveryWindowInDays"]
    if isinstance(days, int) and not 7 <= days <= 30:
        yield "RecoveryWindowInDays", f"{days} is not between 7 and 30"


@condition("secret-pending", "secretsmanager", "CreateSecret",
           source=DOCS + "secretsmanager/latest/userguide/manage_delete-secret.html")  # fmt: skip
def held(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    told = site.look("secretsmanager", "describe_secret", {"SecretId": x.text("Name")}, region)
    if told and told.get("DeletedDate"):
        said = (
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
        yield CloudFault(400, "InvalidRequestException", said)


@rule("key-window", "kms", "ScheduleKeyDeletion",
      source=DOCS + "kms/latest/APIReference/API_ScheduleKeyDeletion.html")  # fmt: skip
def pending(x: View) -> Iterator[Problem]:
    days = x["PendingWindowInDays"]
    if isinstance(days, int) and not 7 <= days <= 30:
        yield "PendingWindowInDays", f"{days} is not between 7 and 30"


@rule(
    "subscription-endpoint", "sns", "Subscribe", source=DOCS + "sns/latest/api/API_Subscribe.html: Endpoint"
)
def subscriber(x: View) -> Iterator[Problem]:
    kind, end = x.text("Protocol"), x.text("Endpoint")
    forms = {
        "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "email-json": r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "https": r"https://.+",
        "http": r"http://.+",
        "sms": r"\+?[0-9-]{5,20}",
        "sqs": r"arn:.+",
        "lambda": r"arn:.+",
    }
    if kind and kind not in (*forms, "application", "firehose"):
        yield "Protocol", f"{kind!r} is not one of {', '.join(forms)}, application, firehose"
    elif end and kind in forms and not re.fullmatch(forms[kind], end):
        yield "Endpoint", f"{end!r} is no endpoint for {kind}"


@rule("alarm-statistic", "cloudwatch", "PutMetricAlarm", source=_ALARM)
def statistic(x: View) -> Iterator[Problem]:
    if x.given("Statistic") and x.given("ExtendedStatistic"):
        yield "ExtendedStatistic", "an alarm has either a statistic or a percentile"
    if x.given("MetricName") and x.given("Metrics"):
        yield "Metrics", "an alarm watches either one metric or an expression of several"
    if x.missing("MetricName") and x.missing("Metrics"):
        yield "MetricName", "an alarm needs a metric"
    if x.given("MetricName") and x.missing("Statistic") and x.missing("ExtendedStatistic"):
        yield "Statistic", "an alarm of one metric needs a statistic"


@rule("alarm-period", "cloudwatch", "PutMetricAlarm", source=_ALARM + ": Period, EvaluationPeriods")
def period(x: View) -> Iterator[Problem]:
    seconds, times, of = x["Period"], x["EvaluationPeriods"], x["DatapointsToAlarm"]
    if isinstance(seconds, int) and seconds not in (10, 20, 30) and (seconds < 60 or seconds % 60):
        yield "Period", f"{seconds} is not 10, 20, 30 or a multiple of 60"
    elif isinstance(seconds, int) and isinstance(times, int):
        most = 7 * 24 * 3600 if seconds >= 3600 else 24 * 3600
        if seconds * times > most:
            yield (
                "EvaluationPeriods",
                f"{times} periods of {seconds} seconds are longer than an alarm looks back",
            )
    if isinstance(times, int) and isinstance(of, int) and of > times:
        yield "DatapointsToAlarm", f"{of} is more than EvaluationPeriods, {times}"


@rule("log-retention", "logs", "PutRetentionPolicy",
      source=DOCS + "AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html")  # fmt: skip
def retention(x: View) -> Iterator[Problem]:
    days = x["retentionInDays"]
    if isinstance(days, int) and days not in _KEPT:
        yield "retentionInDays", f"{days} is not one of {', '.join(map(str, _KEPT))}"


@rule("budget-limit", "budgets", "CreateBudget", "UpdateBudget", source=_BUDGET.format("Budget"))
def limit(x: View) -> Iterator[Problem]:
    at = "Budget" if x.given("Budget") else "NewBudget"
    amount = x[f"{at}.BudgetLimit.Amount"]
    try:
        if amount is not None and float(amount) <= 0:
            yield f"{at}.BudgetLimit.Amount", f"{amount} is not more than 0"
    except ValueError:
        yield f"{at}.BudgetLimit.Amount", f"{amount!r} is no number"


@rule(
    "budget-notices",
    "budgets",
    "CreateBudget",
    source=_BUDGET.format("CreateBudget") + ": at most 10 notifications",
)
def notices(x: View) -> Iterator[Problem]:
    found = x.list("NotificationsWithSubscribers")
    if len(found) > 10:
        yield "NotificationsWithSubscribers", f"{len(found)} are more than 10"
    for one in found:
        if one.missing("Subscribers"):
            yield one.path("Subscribers"), "a notification needs somebody to tell"
        for each in one.list("Subscribers"):
            if each["SubscriptionType"] == "EMAIL" and "@" not in (each.text("Address") or "@"):
                yield each.path("Address"), f"{each['Address']!r} is no e-mail address"


@rule("lifecycle-json", "ecr", "PutLifecyclePolicy",
      source=DOCS + "AmazonECR/latest/userguide/LifecyclePolicies.html")  # fmt: skip
def images(x: View) -> Iterator[Problem]:
    text = x.text("lifecyclePolicyText")
    if not text:
        return
    try:
        rules = json.loads(text)["rules"]
        priorities = [one["rulePriority"] for one in rules]
    except (ValueError, KeyError, TypeError):
        yield "lifecyclePolicyText", "is no JSON with rules that have a rulePriority each"
        return
    if len(set(priorities)) != len(priorities):
        yield "lifecyclePolicyText", "rules must have priorities of their own"
