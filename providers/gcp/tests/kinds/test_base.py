"""What the workspace, secrets, environments, data and models of a spec become."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlstack_gcp.identify import google_id

from mlstack.lowering.values import salted
from providers.gcp.tests.kinds.lower import Lower, Refused

KEY = "projects/k/locations/europe-west4/keyRings/r/cryptoKeys/c"


def test_a_workspace_is_a_bucket_and_an_account_with_few_rights(lower: Lower) -> None:
    sent = lower("workspace: {tags: {Team: Vision}}")
    bucket = sent.inputs("Bucket", "default-bucket")
    assert bucket["location"] == "EUROPE-WEST4"
    assert bucket["uniformBucketLevelAccess"] is True
    assert bucket["publicAccessPrevention"] == "enforced"
    assert bucket["versioning"] == {"enabled": True}
    assert bucket["labels"] == {"team": "vision", "mlstack-stack": "c0ffee00"}
    assert "team=vision" in " ".join(sent.warnings.values())
    rights = {sent.inputs("IAMMember", name).get("role") for name in sent.names("IAMMember")}
    assert rights == {
        "roles/aiplatform.user",
        "roles/logging.logWriter",
        "roles/monitoring.metricWriter",
        "roles/iam.serviceAccountUser",
    }
    objects = {sent.inputs("BucketIAMMember", name)["role"] for name in sent.names("BucketIAMMember")}
    assert objects == {"roles/storage.objectUser", "roles/storage.legacyBucketReader"}
    assert all(sent.inputs("Service", name)["disableOnDestroy"] is False for name in sent.names("Service"))
    assert sent.names("Repository") == []
    assert sent.output("Workspace", "default")["id"] == f"gs://{bucket['name']}"


def test_what_is_given_is_used_and_gets_no_rights(lower: Lower) -> None:
    sent = lower(
        "workspace: {existing: gs://theirs}\nsettings: {gcp: {service_account: me@p.iam.gserviceaccount.com}}"
    )
    for kind in ("Bucket", "Account", "IAMMember", "BucketIAMMember"):
        assert sent.names(kind) == []
    assert sent.output("Workspace", "default")["id"] == "gs://theirs"


def test_strict_is_private_and_under_a_key_of_one_s_own(lower: Lower) -> None:
    sent = lower(f"security: strict\nworkspace: {{encryption_key: {KEY}}}\nsecrets: {{t: {{env: A_TOKEN}}}}")
    assert sent.inputs("Bucket", "default-bucket")["encryption"] == {"defaultKmsKeyName": KEY}
    allowed = {sent.inputs("CryptoKeyIAMMember", n)["member"] for n in sent.names("CryptoKeyIAMMember")}
    assert len(allowed) == 4
    assert sent.inputs("GlobalAddress", "default-peering")["purpose"] == "VPC_PEERING"
    assert sent.inputs("Subnetwork", "default-subnet")["privateIpGoogleAccess"] is True
    assert sent.names("Connection") == ["default-peering"]
    [replica] = sent.inputs("Secret", "t")["replication"]["userManaged"]["replicas"]
    assert replica["customerManagedEncryption"] == {"kmsKeyName": KEY}


def test_a_secret_s_value_is_written_and_known_by_its_hash(
    lower: Lower, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "secrets: {tok: {env: A_TOKEN}, own: {secretmanager: projects/o/secrets/x}}"
    sent = lower(text)
    first = sent.inputs("SecretVersion", "tok-version")
    assert first["secretDataWo"] == "c4n4ry"
    assert first["secretDataWoVersion"] == salted("c0ffee00", "tok", "c4n4ry")
    assert sent.inputs("SecretIamMember", "own-reader")["project"] == "o"
    assert sent.output("Secret", "own")["id"] == "projects/o/secrets/x/versions/latest"
    monkeypatch.setenv("A_TOKEN", "another")
    assert (
        lower(text).inputs("SecretVersion", "tok-version")["secretDataWoVersion"]
        != (first["secretDataWoVersion"])
    )


def test_an_environment_becomes_an_image_of_a_dockerfile(lower: Lower) -> None:
    sent = lower(
        "environments:\n"
        '  sk: {python: "3.12", requirements: requirements.txt, setup: [apt-get install -y libgomp1]}\n'
        "  conda: {conda: environment.yml}\n  own: {dockerfile: image/Dockerfile}\n  given: {image: a/b:1}"
    )
    texts = sent.inputs("Upload", "sk-context-upload")["texts"]
    assert texts["requirements.txt"] == "numpy==2.0.0\nsix==1.17.0\n"
    assert texts["Dockerfile"].splitlines()[0] == "FROM python:3.12-slim"
    assert 'RUN ["/bin/bash", "-c", "apt-get install -y libgomp1"]' in texts["Dockerfile"]
    assert "conda env create" in sent.inputs("Upload", "conda-context-upload")["texts"]["Dockerfile"]
    assert sent.inputs("Upload", "own-context-upload")["path"] == "image"
    assert sent.names("Image") == ["conda-image", "own-image", "sk-image"]
    assert sent.output("Environment", "given") == {"id": "a/b:1", "image": "a/b:1"}
    image = sent.inputs("Image", "sk-image")
    assert image["repository"].startswith("europe-west4-docker.pkg.dev/ml-prod/")
    writers = [sent.inputs("RepositoryIamMember", n) for n in sent.names("RepositoryIamMember")]
    by_role = {each["role"]: each["member"] for each in writers}
    assert by_role["roles/artifactregistry.writer"] == f"serviceAccount:{image['service_account']}"


def test_data_and_models_are_files_under_their_hash(lower: Lower) -> None:
    sent = lower(
        "data:\n  rows: {path: data/rows.csv, columns: {label: y}}\n"
        "  far: {path: 'gs://b/x', type: folder, version: '3'}\n"
        "models:\n  net: {path: files/net, flavor: pytorch}\n  hub: {hub: a/b, revision: c}\n"
        "  theirs: {registry: 'net:4'}"
    )
    rows = sent.inputs("Upload", "rows-upload")
    assert rows["plain"] is True
    assert rows["labels"]["mlstack-label"] == "y"
    assert sent.output("Data", "far") == {"id": "gs://b/x/", "uri": "gs://b/x/", "version": "3"}
    assert sent.inputs("Upload", "net-upload")["labels"]["mlstack-flavor"] == "pytorch"
    assert sent.inputs("Upload", "hub-upload")["texts"] == {
        "mlstack-hub.json": '{"hub": "a/b", "revision": "c"}'
    }
    theirs = "projects/ml-prod/locations/europe-west4/models/net@4"
    assert sent.output("Model", "theirs") == {"id": theirs, "uri": theirs, "version": "4"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("security: strict", "security"),
        ("workspace: {existing: auto}", "workspace.existing"),
        ("workspace: {name: No_Bucket!}", "workspace.name"),
        ("secrets: {s: {keyvault: x}}", "secrets.s.keyvault"),
        ("data: {d: {path: 's3://b/x', version: '1'}}", "data.d.path"),
        ("data: {d: {existing: mine}}", "data.d.existing"),
        ("environments: {e: {requirements: local.txt}}", "environments.e.requirements"),
        ("models: {m: {path: 's3://b/x'}}", "models.m.path"),
    ],
)
def test_what_is_refused(refusals: Refused, text: str, path: str) -> None:
    assert path in refusals(text)


def test_what_is_made_is_found_by_its_inputs(lower: Lower, root: Path) -> None:
    sent = lower("environments: {sk: {packages: [six]}}\nsecrets: {t: {env: A_TOKEN}}")
    account = {"GOOGLE_PROJECT": "ml-prod"}
    ids = {
        f"{each.type} {each.name}": google_id(each.type, each.inputs, account)
        for each in sent.recording.children()
        if each.type.startswith("gcp:")
    }
    # the platform numbers the versions of a secret
    unknown = [key for key, id in ids.items() if id is None]
    assert unknown == ["gcp:secretmanager/secretVersion:SecretVersion t-version"]
    bucket = sent.inputs("Bucket", "default-bucket")["name"]
    assert ids["gcp:storage/bucket:Bucket default-bucket"] == bucket
