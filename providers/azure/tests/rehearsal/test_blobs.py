"""Blobs, by azure-storage-blob."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobServiceClient


@pytest.fixture
def blobs(door: str) -> BlobServiceClient:
    small = {"max_single_put_size": 1024, "max_block_size": 512}
    return BlobServiceClient(f"{door}/blob/stor1", credential=None, retry_total=0, **small)


def test_small_and_large_blobs_come_back_whole(blobs: BlobServiceClient) -> None:
    small, large = b"x" * 100, bytes(range(256)) * 20
    for name, content in (("a/small.txt", small), ("a/large.bin", large), ("empty", b"")):
        blob = blobs.get_blob_client("data", name)
        blob.upload_blob(content, metadata={"digest": "abc"})
        assert blob.download_blob().readall() == content
        properties = blob.get_blob_properties()
        assert (properties.size, properties.metadata) == (len(content), {"digest": "abc"})
        assert blob.exists()


def test_part_of_a_blob(blobs: BlobServiceClient) -> None:
    blob = blobs.get_blob_client("data", "part")
    blob.upload_blob(b"0123456789")
    assert blob.download_blob(offset=2, length=3).readall() == b"234"


def test_blocks_wait_to_be_committed(blobs: BlobServiceClient) -> None:
    blob = blobs.get_blob_client("data", "blocks")
    blob.stage_block("MQ==", b"one ")
    blob.stage_block("Mg==", b"two")
    assert not blob.exists()
    committed, waiting = blob.get_block_list("all")
    assert (committed, [one.size for one in waiting]) == ([], [4, 3])
    blob.commit_block_list([BlobBlock("MQ=="), BlobBlock("Mg==")])
    assert blob.download_blob().readall() == b"one two"


def test_lists_by_prefix_folder_and_page(blobs: BlobServiceClient) -> None:
    container = blobs.get_container_client("data")
    for name in ("a/1", "a/2", "a/b/3", "c & <d>", "ä"):
        container.upload_blob(name, b"x")
    assert [one.name for one in container.list_blobs()] == ["a/1", "a/2", "a/b/3", "c & <d>", "ä"]
    assert [one.name for one in container.list_blobs(name_starts_with="a/")] == ["a/1", "a/2", "a/b/3"]
    assert sorted(one.name for one in container.walk_blobs(name_starts_with="a/")) == ["a/1", "a/2", "a/b/"]
    pages = list(container.list_blobs(results_per_page=2).by_page())
    assert sum(len(list(page)) for page in pages) == 5


def test_what_is_there_is_not_overwritten_unasked(blobs: BlobServiceClient) -> None:
    blob = blobs.get_blob_client("data", "once")
    blob.upload_blob(b"1")
    with pytest.raises(ResourceExistsError):
        blob.upload_blob(b"2")
    tag = blob.get_blob_properties().etag
    blob.upload_blob(b"2", overwrite=True)
    from azure.core import MatchConditions

    with pytest.raises(ResourceModifiedError):
        blob.upload_blob(b"3", overwrite=True, etag=tag, match_condition=MatchConditions.IfNotModified)


def test_what_is_not_there(blobs: BlobServiceClient) -> None:
    blob = blobs.get_blob_client("data", "gone")
    with pytest.raises(ResourceNotFoundError) as caught:
        blob.download_blob()
    assert caught.value.error_code == "BlobNotFound"
    with pytest.raises(ResourceNotFoundError) as caught:
        blobs.get_blob_client("none", "x").upload_blob(b"x")
    assert caught.value.error_code == "ContainerNotFound"
    blob.upload_blob(b"x")
    blob.delete_blob()
    assert not blob.exists()


def test_containers_come_and_go_with_their_blobs(blobs: BlobServiceClient) -> None:
    container = blobs.create_container("new-one")
    with pytest.raises(ResourceExistsError):
        blobs.create_container("new-one")
    container.upload_blob("x", b"x")
    assert "new-one" in [one.name for one in blobs.list_containers()]
    container.delete_container()
    assert not container.exists()
    assert not blobs.create_container("new-one").get_blob_client("x").exists()
