"""What goes wrong on the way: whose fault it is, what is tried again, what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mlstack_local import remote

from mlstack.errors import TargetError, UsageError

from .conftest import S3, free_port
from .webserver import WebServer


def failure(uri: str) -> TargetError:
    with pytest.raises(TargetError) as caught:
        remote.version_of(uri, None)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("statuses", [[503], [500, 500], [429, 502]])
def test_what_fails_for_a_while_is_tried_again(web: WebServer, statuses: list[int]) -> None:
    web.put("a.csv", b"x\n1\n")
    expected = remote.version_of(web.uri("a.csv"), None)
    web.failures = list(statuses)
    assert remote.version_of(web.uri("a.csv"), None) == expected
    assert web.failures == []
    web.failures = list(statuses)
    assert remote.ensure(web.uri("a.csv"), expected).read_bytes() == b"x\n1\n"


def test_a_transfer_that_breaks_off_is_tried_again(web: WebServer) -> None:
    web.put("a.bin", bytes(range(256)) * 1000)
    version = remote.version_of(web.uri("a.bin"), None)
    web.cut = 2
    assert remote.ensure(web.uri("a.bin"), version).read_bytes() == bytes(range(256)) * 1000
    assert web.cut == 0


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not(web: WebServer, status: int) -> None:
    web.put("a.csv", b"x")
    web.failures = [status] * 50
    error = failure(web.uri("a.csv"))
    assert (error.code, error.category) == ("remote-forbidden", "permission")
    assert len(web.requests) <= 2  # that is not tried again


def test_nobody_there() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}/a.csv")
    assert (error.code, error.category) == ("remote-unreachable", "transient")
    assert "Connect" in error.message


def test_a_certificate_that_nobody_signed(tls: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    tls.put("a.csv", b"x")
    error = failure(tls.uri("a.csv"))
    assert (error.code, error.category) == ("remote-untrusted", "user")
    assert "SSL_CERT_FILE" in str(error.remedy)


def test_no_such_bucket(s3: S3) -> None:
    assert failure("s3://no-such-bucket/a.csv").code == "remote-missing"
    assert failure("s3://no-such-bucket/a/").code == "remote-missing"


def test_a_folder_where_a_file_is_meant(s3: S3) -> None:
    s3.put("set/a.csv", b"x")
    error = failure("s3://rows/set")
    assert error.message == "s3://rows/set is a folder"


@pytest.mark.parametrize("name", ["../out.csv", "a/../../b.csv", "a//b.csv", "/etc/passwd"])
def test_names_that_lead_out_are_refused(s3: S3, tmp_path: Path, name: str) -> None:
    s3.put("set/fine.csv", b"x")
    s3.put(f"set/{name}", b"x")
    error = failure("s3://rows/set/")
    assert error.code == "remote-names"
    assert not (tmp_path / "cache" / "data").exists()


def test_a_name_that_is_file_and_folder(s3: S3) -> None:
    s3.put("set/a", b"x")
    s3.put("set/a/b", b"x")
    assert "'a' as a file and as a folder" in failure("s3://rows/set/").message


def test_without_marks_a_version_is_declared(web: WebServer) -> None:
    web.put("a.csv", b"x\n")
    web.marks = set()
    uri = web.uri("a.csv")
    with pytest.raises(UsageError, match="neither checksums nor times") as caught:
        remote.version_of(uri, None)
    assert "version:" in str(caught.value.remedy)
    for declared in ("3", "2024/07 final", "..", "."):
        assert remote.version_of(uri, declared) == declared
        path = remote.ensure(uri, declared)
        assert path.read_bytes() == b"x\n"
        assert path.parent.parent == remote.local_path(uri, "3").parent.parent
    web.marks = {"last-modified"}
    assert remote.version_of(uri, "3") != "3"


def test_an_interrupted_download_goes_on(web: WebServer) -> None:
    for number in range(200):
        web.put(f"set/{number:03}.bin", bytes([number]) * 1000)
    uri = web.uri("set/")
    version = remote.version_of(uri, None)
    fetched: list[int] = []

    def stop(_path: Path, done: int, total: int) -> None:
        if done >= total // 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remote.ensure(uri, version, stop)
    assert not remote.local_path(uri, version).exists()
    web.requests.clear()
    path = remote.ensure(uri, version, lambda _path, done, _total: fetched.append(done))
    assert len(list(path.iterdir())) == 200
    again = [request for request in web.requests if request.startswith("GET") and ".bin" in request]
    assert 0 < len(again) < 200
    assert fetched[-1] == 200_000


def test_an_etag_that_is_no_checksum_of_the_content(s3: S3) -> None:
    """Of objects encrypted with a key of KMS the ETag looks like an MD5 and is none."""
    import boto3

    client = boto3.client("s3")
    client.put_object(Bucket="rows", Key="a.csv", Body=b"x\n1\n", ServerSideEncryption="aws:kms")
    version = remote.version_of("s3://rows/a.csv", None)
    assert remote.ensure("s3://rows/a.csv", version).read_bytes() == b"x\n1\n"


def test_damage_in_the_cache_is_mended(web: WebServer) -> None:
    web.put("set/a.csv", b"x\n1\n")
    web.put("set/b.csv", b"x\n2\n")
    uri = web.uri("set/")
    version = remote.version_of(uri, None)
    path = remote.ensure(uri, version)
    (path / "b.csv").unlink()
    assert (remote.ensure(uri, version) / "b.csv").read_bytes() == b"x\n2\n"


@pytest.mark.parametrize(
    ("uri", "told", "remedy"),
    [
        ("abfsss://c@a/x", "abfsss:// is no scheme", "did you mean abfss://?"),
        ("file:///data/x", "file:// is no scheme", "write the path alone"),
        ("s3://AKIA:c4n4ry@bucket/x", "s3://bucket/x was given with a credential", "AWS_PROFILE"),
        ("https://me:c4n4ry@host/x", "https://host/x was given with a credential", "netrc"),
        ("https://a.blob.core.windows.net/c/x?sv=1&sig=c4n4ry", "windows.net/c/x was given with", "netrc"),
        ("https://b.s3.amazonaws.com/x?X-Amz-Signature=c4n4ry", "amazonaws.com/x was given with", "netrc"),
        ("https://host/x?access_token=c4n4ry", "https://host/x was given with a credential", "netrc"),
        ("s3:///x", "names no bucket", "s3://NAME/PATH"),
    ],
)
def test_uris_that_are_refused(uri: str, told: str, remedy: str) -> None:
    found = remote.problem(uri)
    assert found is not None
    assert told in found[0]
    assert remedy in found[1]
    assert "c4n4ry" not in "".join(found)
    with pytest.raises(UsageError) as caught:
        remote.version_of(uri, None)
    assert "c4n4ry" not in json.dumps(caught.value.as_json())


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/key=1/x",
        "abfss://container@account.dfs.core.windows.net/x",
        "https://host/x?download=true&version=3",
        "gs://bucket/",
    ],
)
def test_uris_that_are_taken(uri: str) -> None:
    assert remote.problem(uri) is None


def test_a_disk_that_is_full(web: WebServer) -> None:
    web.put("a.bin", b"x")
    web.claimed = 10**18
    version = remote.version_of(web.uri("a.bin"), None)
    with pytest.raises(TargetError, match="has room for") as caught:
        remote.ensure(web.uri("a.bin"), version)
    assert (caught.value.code, caught.value.category) == ("disk-full", "quota")
