"""Names that the service models say little of: how long, of which characters. One rule an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_aws.rehearsal.rules.base import DOCS, RULES, Problem, Rule, View, rule

_BUCKETS = DOCS + "AmazonS3/latest/userguide/bucketnamingrules.html"

#: service, operation, parameter, shortest, longest, pattern, the pattern in words, source
_TABLE = (
    ("s3", "CreateBucket", "Bucket", 3, 63, r"[a-z0-9](?!.*\.\.)[a-z0-9.-]*[a-z0-9]",
     "lowercase letters, digits, dots and hyphens, a letter or digit first and last", _BUCKETS),
    ("sns", "CreateTopic", "Name", 1, 256, r"[A-Za-z0-9_-]+(\.fifo)?",
     "letters, digits, underscores and hyphens",
     DOCS + "sns/latest/api/API_CreateTopic.html"),
    ("iam", "CreateRole", "RoleName", 1, 64, r"[\w+=,.@-]+", "letters, digits and _+=,.@-",
     DOCS + "IAM/latest/APIReference/API_CreateRole.html"),
    ("iam", "PutRolePolicy", "PolicyName", 1, 128, r"[\w+=,.@-]+", "letters, digits and _+=,.@-",
     DOCS + "IAM/latest/APIReference/API_PutRolePolicy.html"),
    ("secretsmanager", "CreateSecret", "Name", 1, 512, r"[A-Za-z0-9/_+=.@-]+", "letters, digits and /_+=.@-",
     DOCS + "secretsmanager/latest/apireference/API_CreateSecret.html"),
    ("ec2", "CreateSecurityGroup", "GroupName", 1, 255, r"(?!sg-)[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+",
     "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and not begin with sg-",
     DOCS + "AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"),
    ("kms", "CreateAlias", "AliasName", 7, 256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+",
     "alias/ first, then letters, digits and /_-, and not alias/aws/",
     DOCS + "kms/latest/APIReference/API_CreateAlias.html"),
    ("budgets", "CreateBudget", "Budget.BudgetName", 1, 100, r"(?![^:\\]*/action/)[^:\\]+",
     "no colon and no backslash",
     DOCS + "aws-cost-management/latest/APIReference/API_budgets_Budget.html"),
    ("cloudwatch", "PutDashboard", "DashboardName", 1, 255, r"[A-Za-z0-9_-]+",
     "letters, digits, hyphens and underscores",
     DOCS + "AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"),
    ("codebuild", "CreateProject", "name", 2, 150, r"[A-Za-z0-9][A-Za-z0-9_-]+",
     "letters, digits, hyphens and underscores, a letter or digit first",
     DOCS + "codebuild/latest/APIReference/API_CreateProject.html"),
    ("ecr", "CreateRepository", "repositoryName", 2, 256,
     r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
     "lowercase letters and digits, with single dots, underscores, hyphens and slashes between them",
     DOCS + "AmazonECR/latest/APIReference/API_CreateRepository.html"),
)  # fmt: skip


def _enter(
    service: str, operation: str, path: str, low: int, high: int, pattern: str, words: str, source: str
) -> None:
    compiled = re.compile(pattern)

    def judge(x: View) -> Iterator[Problem]:
        name = x[path]
        if not isinstance(name, str):
            return
        if not low <= len(name) <= high:
            yield path, f"{name!r} has {len(name)} characters; it must have {low} to {high}"
        if not compiled.fullmatch(name):
            yield path, f"{name!r} must have {words}"

    RULES.append(Rule(f"name-{service}-{operation}", service, frozenset({operation}), source, judge))


for _row in _TABLE:
    _enter(*_row)


@rule("bucket-no-address", "s3", "CreateBucket", source=_BUCKETS)
def bucket_no_address(x: View) -> Iterator[Problem]:
    name = x.text("Bucket")
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        yield "Bucket", f"{name!r} must not look like an IP address"
    for start in ("xn--", "sthree-", "amzn-s3-demo-"):
        if name.startswith(start):
            yield "Bucket", f"{name!r} must not begin with {start}"
    for end in ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"):
        if name.endswith(end):
            yield "Bucket", f"{name!r} must not end with {end}"
