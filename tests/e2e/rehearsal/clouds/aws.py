"""AWS.

SageMaker makes the log groups of jobs by itself, and logs stay (docs.aws.amazon.com/sagemaker/latest/dg/
logging-cloudwatch.html). Keys wait for their deletion for 7 to 30 days (kms/latest/developerguide/
deleting-keys.html), and so do secrets (secretsmanager/latest/userguide/manage_delete-secret.html).
"""

from __future__ import annotations

KEPT = {
    r":log-group:/aws/(sagemaker|codebuild)/": "logs stay",
    r":key/": "pending deletion",
    r":secret:": "recover",
}
BY_PLATFORM = r"log-group|loggroup|log-stream"
HELD = ""
