"""What pulumi-aws does not have, over boto3."""
