"""What workspace, secrets, environments, data and models become: exact types and inputs."""

from __future__ import annotations

import json
from typing import Any

from providers.aws.tests.kinds.lower import ACCOUNT, Lower, Refused


def actions(sent: Any, kind: str, name: str) -> set[str]:
    document = json.loads(sent.inputs(kind, name)["policy"])
    return {action for statement in document["Statement"] for action in statement["Action"]}


def test_a_workspace_is_a_closed_bucket_and_a_role(lower: Lower) -> None:
    sent = lower("workspace: {tags: {team: ml}}")
    bucket = sent.inputs("Bucket", "default")
    assert bucket["region"] == "eu-west-1"
    assert bucket["tags"]["team"] == "ml"
    block = sent.inputs("BucketPublicAccessBlock", "default-private")
    assert all(block[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"))
    versions = sent.inputs("BucketVersioning", "default-versions")["versioningConfiguration"]
    assert versions == {"status": "Enabled"}
    [rule] = sent.inputs("BucketServerSideEncryptionConfiguration", "default-encryption")["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    policy = json.loads(sent.inputs("RolePolicy", "default-role")["policy"])
    objects = policy["Statement"][0]
    assert objects["Resource"] == f"arn:aws:s3:::{bucket['bucket']}/*"
    assert not [each for each in policy["Statement"] if "*" in each["Action"]]
    assert not sent.names("Vpc")
    assert not sent.names("Key")
    assert not sent.names("Repository")


def test_strict_makes_a_key_and_a_network_without_a_way_out(lower: Lower) -> None:
    sent = lower("security: strict\nworkspace: {}")
    [rule] = sent.inputs("BucketServerSideEncryptionConfiguration", "default-encryption")["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"].endswith("Key/default-key")
    assert sent.inputs("Key", "default-key")["enableKeyRotation"] is True
    zones = [sent.inputs("Subnet", name)["availabilityZone"] for name in sent.names("Subnet")]
    assert zones == ["eu-west-1b", "eu-west-1c"]
    doors = {sent.inputs("VpcEndpoint", name)["serviceName"] for name in sent.names("VpcEndpoint")}
    assert {"com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.ecr.dkr"} <= doors
    assert "kms:Decrypt" in actions(sent, "RolePolicy", "default-role")
    assert "ec2:CreateNetworkInterface" in actions(sent, "RolePolicy", "default-role")


def test_what_exists_is_used_and_not_made(lower: Lower) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/theirs"
    sent = lower(f"workspace: {{existing: theirs, identity: '{role}', tags: {{a: b}}}}\n"
                 "data: {rows: {path: data/rows.csv}}")  # fmt: skip
    assert sorted({kind for kind, _ in sent.found}) == ["Upload"]
    assert sent.inputs("Upload", "rows-upload")["bucket"] == "theirs"
    assert "workspace.default.tags" in sent.warnings


def test_a_secrets_value_is_secret_and_its_change_is_seen(lower: Lower, monkeypatch: Any) -> None:
    spec = "secrets: {token: {env: A_TOKEN}}"
    sent = lower(spec)
    secret = sent.inputs("Secret", "token")
    assert secret["name"].startswith("mlstack/")
    assert secret["recoveryWindowInDays"] == 0
    assert "c4n4ry" not in json.dumps(secret)
    assert sent.inputs("SecretVersion", "token")["secretString"] == "c4n4ry"
    monkeypatch.setenv("A_TOKEN", "another")
    other = lower(spec).inputs("Secret", "token")
    assert other["tags"]["mlstack-digest"] != secret["tags"]["mlstack-digest"]


def test_a_secret_that_is_there_may_be_read_and_no_other(lower: Lower) -> None:
    sent = lower("secrets: {token: {secretsmanager: theirs}}")
    policy = json.loads(sent.inputs("RolePolicy", "token-access")["policy"])
    assert policy["Statement"][0]["Resource"].endswith(f"{ACCOUNT}:secret:theirs-??????")
    assert not sent.names("Secret")


def test_packages_become_an_image_that_is_built_once(lower: Lower) -> None:
    sent = lower('environments: {one: {python: "3.11", requirements: requirements.txt, setup: [make it]}}')
    image = sent.inputs("Image", "one-image")
    assert image["repository"].startswith(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/conformance-images-")
    whole = f"{image['repository']}:{image['name']}-{image['digest']}"
    assert sent.output("Environment", "one")["image"] == whole
    assert sent.inputs("Project", "default-builder")["environment"]["privilegedMode"] is True
    assert "ecr:PutImage" in actions(sent, "RolePolicy", "default-builder")


def test_the_dockerfile_pins_what_the_spec_says(lower: Lower, root: Any) -> None:
    lower(
        'environments: {one: {python: "3.11", requirements: requirements.txt}, own: {conda: environment.yml}}'
    )
    folder = root / ".mlstack/aws/environments/one/image"
    assert (folder / "requirements.txt").read_text() == "numpy==2.0.0\nsix==1.17.0\n"
    assert "docker/library/python:3.11-slim" in (folder / "Dockerfile").read_text()
    # conda's own packages would be installed by conda; here there are none
    assert "python:3.10-slim" in (root / ".mlstack/aws/environments/own/image/Dockerfile").read_text()


def test_images_of_ecr_are_taken_and_others_copied(lower: Lower, root: Any) -> None:
    theirs = "999999999999.dkr.ecr.eu-west-1.amazonaws.com/own:1"
    sent = lower(f"environments: {{one: {{image: '{theirs}'}}, two: {{image: 'ubuntu:24.04'}},"
                 " three: {existing: 'team/base:2'}}")  # fmt: skip
    assert sent.output("Environment", "one")["image"] == theirs
    assert sent.names("Image") == ["two-image"]
    assert (root / ".mlstack/aws/environments/two/image/Dockerfile").read_text() == "FROM ubuntu:24.04\n"
    there = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/base:2"
    assert sent.output("Environment", "three")["image"] == there


def test_local_data_is_uploaded_and_what_is_on_s3_may_be_read(lower: Lower) -> None:
    sent = lower("data: {rows: {path: data}, far: {path: 's3://theirs/rows/', version: '7'}}")
    assert sent.inputs("Upload", "rows-upload")["plain"] is True
    bucket = sent.inputs("Bucket", "default")["bucket"]
    digest = sent.inputs("Upload", "rows-upload")["digest"]
    assert sent.output("Data", "rows")["uri"].startswith(f"s3://{bucket}/mlstack/")
    assert sent.output("Data", "rows")["uri"].endswith(f"/data.rows/{digest}/")
    assert sent.output("Data", "far") == {
        "id": "s3://theirs/rows/",
        "uri": "s3://theirs/rows/",
        "version": "7",
    }
    policy = json.loads(sent.inputs("RolePolicy", "far-access")["policy"])
    assert policy["Statement"][0]["Resource"] == "arn:aws:s3:::theirs/rows/*"


def test_a_model_is_packed_and_registered(lower: Lower) -> None:
    sent = lower("models: {net: {path: files/net, flavor: sklearn}}")
    upload = sent.inputs("Upload", "net-upload")
    assert upload["packed"] is True
    assert upload["path"] == "files/net"
    package = sent.inputs("ModelPackage", "net-version")
    assert package["uri"].endswith(f"/{upload['digest']}/model.tar.gz")
    assert package["group"] == sent.inputs("ModelPackageGroup", "net")["modelPackageGroupName"]
    assert package["metadata"]["mlstack-flavor"] == "sklearn"
    assert package["approval"] == "Approved"
    assert sent.output("Model", "net")["version"] == upload["digest"]


def test_a_model_of_the_hub_and_one_of_a_registry(lower: Lower) -> None:
    sent = lower("models: {hub: {hub: org/name, revision: abc}, there: {registry: digits/3}}")
    texts = sent.inputs("Upload", "hub-upload")["texts"]
    assert json.loads(texts["mlstack-hub.json"]) == {"hub": "org/name", "revision": "abc"}
    arn = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-package/digits/3"
    assert sent.output("Model", "there") == {"id": arn, "version": "3"}
    assert sent.names("ModelPackage") == ["hub-version"]


def test_refusals_have_a_way_out(refusals: Refused) -> None:
    found = refusals(
        "security: strict\nworkspace: {network: public}\n"
        "data: {far: {path: 'gs://b/x'}, other: {existing: name}}\n"
        "models: {net: {registry: 'azureml:net:3'}}\n"
        "environments: {one: {requirements: local.txt}}\n"
        "secrets: {token: {keyvault: 'https://kv.vault.azure.net/secrets/x'}}"
    )
    assert set(found) == {
        "workspace.network", "data.far.path", "data.other.existing", "models.net.registry",
        "environments.one.requirements", "secrets.token.keyvault",
    }  # fmt: skip
