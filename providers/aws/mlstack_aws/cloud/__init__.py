"""AWS by boto3, for gap resources and the runtime: clients, errors in mlstack's words, waiting."""

from mlstack_aws.cloud.failures import AwsFailure, gone, told
from mlstack_aws.cloud.session import client, emulated
from mlstack_aws.cloud.waiting import Interrupted, wait

__all__ = ["AwsFailure", "Interrupted", "client", "emulated", "gone", "told", "wait"]
