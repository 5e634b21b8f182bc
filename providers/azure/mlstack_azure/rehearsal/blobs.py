"""Blob storage over REST, as far as uploads and downloads go (learn.microsoft.com/rest/api/storageservices).

The address of a blob is /blob/<account>/<container>/<path>.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.http import etag, preconditions

_TIME = "Thu, 01 Jan 2026 00:00:00 GMT"
_VERSION = "2026-02-06"
_PAGE = 5000
_PROPERTIES = f"<Properties><Last-Modified>{_TIME}</Last-Modified><Etag>&quot;0x1&quot;</Etag></Properties>"


def serve(cloud: Cloud, request: Request) -> Answer:
    try:
        answer = _serve(cloud, request)
    except CloudFault as fault:
        text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{fault.code}</Code>'
        text += f"<Message>{escape(fault.message)}</Message></Error>"
        headers = {"Content-Type": "application/xml", "x-ms-error-code": fault.code}
        answer = Answer(fault.status, text.encode(), headers)
    marks = {
        "x-ms-version": _VERSION,
        "x-ms-request-id": "00000000-0000-0000-0000-000000000000",
        "Date": _TIME,
    }
    return Answer(answer.status, answer.content, {**marks, **answer.headers})


def _serve(cloud: Cloud, request: Request) -> Answer:
    _, _, rest = request.path.lstrip("/").partition("/")
    account, _, rest = rest.partition("/")
    container, _, path = rest.partition("/")
    if not any(body["name"].lower() == account.lower() for body in cloud.of("storage:StorageAccount")):
        raise CloudFault(404, "ResourceNotFound", f"There is no storage account {account!r}.")
    if request.query.get("restype") == "account" or request.query.get("comp") == "properties":
        return Answer(200, b"", {"x-ms-sku-name": "Standard_LRS", "x-ms-account-kind": "StorageV2"})
    if not container:
        return _containers(cloud, account)
    if request.query.get("restype") == "container":
        return _container(cloud, request, account, container)
    _there(cloud, account, container)
    verb = {
        "PUT": _put,
        "GET": _get,
        "HEAD": _get,
        "DELETE": _delete,
    }.get(request.method)
    if verb is None:
        raise CloudFault(405, "UnsupportedHttpVerb", f"{request.method} is no verb of a blob.")
    return verb(cloud, request, f"{account}/{container}/{path}")


def _id(cloud: Cloud, account: str, container: str) -> str:
    found = next(b for b in cloud.of("storage:StorageAccount") if b["name"].lower() == account.lower())
    return f"{found['id']}/blobServices/default/containers/{container}"


def _there(cloud: Cloud, account: str, container: str) -> None:
    if cloud.body(_id(cloud, account, container)) is None:
        raise CloudFault(404, "ContainerNotFound", "The specified container does not exist.")


def _containers(cloud: Cloud, account: str) -> Answer:
    found = [
        b["name"]
        for b in cloud.of("storage:BlobContainer")
        if b["id"].split("/")[8].lower() == account.lower()
    ]
    items = "".join(f"<Container><Name>{escape(name)}</Name>{_PROPERTIES}</Container>" for name in found)
    return _xml(f"<EnumerationResults><Containers>{items}</Containers><NextMarker/></EnumerationResults>")


def _xml(text: str) -> Answer:
    content = ('<?xml version="1.0" encoding="utf-8"?>' + text).encode()
    return Answer(200, content, {"Content-Type": "application/xml"})


def _container(cloud: Cloud, request: Request, account: str, container: str) -> Answer:
    id = _id(cloud, account, container)
    tag = {"ETag": etag(id.encode()), "Last-Modified": _TIME}
    if request.method == "PUT":
        if cloud.body(id) is not None:
            raise CloudFault(409, "ContainerAlreadyExists", "The specified container already exists.")
        cloud.put(id, {"properties": {}})
        return Answer(201, b"", tag)
    _there(cloud, account, container)
    if request.method == "DELETE":
        cloud.delete(id)
        return Answer(202)
    if request.query.get("comp") == "list":
        return _list(cloud, request, account, container)
    return Answer(200, b"", {**tag, "x-ms-lease-status": "unlocked", "x-ms-lease-state": "available"})


def _list(cloud: Cloud, request: Request, account: str, container: str) -> Answer:
    """By name, with a delimiter's prefixes, a page at a time."""
    base, prefix = f"{account}/{container}/", request.query.get("prefix", "")
    delimiter, marker = request.query.get("delimiter", ""), request.query.get("marker", "")
    most = min(int(request.query.get("maxresults") or _PAGE), _PAGE)
    entries: dict[str, str] = {}
    for path in cloud.world.blobs(base + prefix):
        name = path[len(base) :]
        cut = name.find(delimiter, len(prefix)) if delimiter else -1
        if cut >= 0:
            folder = name[: cut + len(delimiter)]
            entries[folder] = f"<BlobPrefix><Name>{escape(folder)}</Name></BlobPrefix>"
        else:
            entries[name] = _entry(cloud, path, name)
    names = [name for name in sorted(entries) if name > marker]
    page = names[:most]
    following = escape(page[-1]) if len(names) > most else ""
    items = "".join(entries[name] for name in page)
    return _xml(
        f'<EnumerationResults ContainerName="{escape(container)}"><Prefix>{escape(prefix)}</Prefix>'
        f"<Blobs>{items}</Blobs><NextMarker>{following}</NextMarker></EnumerationResults>"
    )


def _entry(cloud: Cloud, path: str, name: str) -> str:
    found = cloud.world.get_blob(path)
    content, headers = found if found else (b"", {})
    meta = "".join(
        f"<{key[10:]}>{escape(value)}</{key[10:]}>"
        for key, value in headers.items()
        if key.startswith("x-ms-meta-")
    )
    return (
        f"<Blob><Name>{escape(name)}</Name><Properties><Last-Modified>{_TIME}</Last-Modified>"
        f"<Etag>{escape(headers.get('ETag', ''))}</Etag><Content-Length>{len(content)}</Content-Length>"
        f"<Content-Type>{escape(headers.get('Content-Type', ''))}</Content-Type>"
        f"<Content-MD5>{escape(headers.get('Content-MD5', ''))}</Content-MD5>"
        f"<BlobType>BlockBlob</BlobType></Properties><Metadata>{meta}</Metadata></Blob>"
    )


def _block(path: str, block: str) -> str:
    return f"~{path}\n{block}"


def _put(cloud: Cloud, request: Request, path: str) -> Answer:
    found = cloud.world.get_blob(path)
    preconditions(request, found[1].get("ETag") if found else None)
    what = request.query.get("comp")
    if what == "block":
        _sound(request)
        cloud.world.put_blob(_block(path, request.query["blockid"]), request.content, {})
        return Answer(201, b"", {"Content-MD5": _md5(request.content)})
    if what == "blocklist":
        return _commit(cloud, request, path)
    if what == "metadata":
        if found is None:
            raise CloudFault(404, "BlobNotFound", "The specified blob does not exist.")
        kept = {key: value for key, value in found[1].items() if not key.startswith("x-ms-meta-")}
        cloud.world.put_blob(path, found[0], kept | _metadata(request))
        return Answer(200, b"", {"ETag": found[1].get("ETag", ""), "Last-Modified": _TIME})
    if request.headers.get("x-ms-copy-source"):
        raise CloudFault(400, "NotEmulated", "Blobs are not copied in a rehearsal.")
    if request.headers.get("x-ms-blob-type") != "BlockBlob":
        raise CloudFault(400, "MissingRequiredHeader", "x-ms-blob-type must be BlockBlob.")
    _sound(request)
    return _store(cloud, request, path, request.content)


def _sound(request: Request) -> None:
    """What arrived is what was sent."""
    told = request.headers.get("content-md5")
    if told and told != _md5(request.content):
        raise CloudFault(400, "Md5Mismatch", "The MD5 value specified in the request did not match.")


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _metadata(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.headers.items() if key.startswith("x-ms-meta-")}


def _store(cloud: Cloud, request: Request, path: str, content: bytes) -> Answer:
    kind = request.headers.get("x-ms-blob-content-type") or request.headers.get("content-type")
    headers = {
        "Content-Type": kind or "application/octet-stream",
        "Content-MD5": request.headers.get("x-ms-blob-content-md5") or _md5(content),
        "ETag": etag(content),
        **_metadata(request),
    }
    cloud.world.put_blob(path, content, headers)
    return Answer(201, b"", {"ETag": headers["ETag"], "Last-Modified": _TIME, "Content-MD5": _md5(content)})


def _commit(cloud: Cloud, request: Request, path: str) -> Answer:
    """Put Block List: a blob of the blocks that were sent before."""
    content = []
    with cloud.world.transaction():
        for block in _blocks(request.content):
            found = cloud.world.get_blob(_block(path, block))
            if found is None:
                raise CloudFault(400, "InvalidBlockList", "The specified block list is invalid.")
            content.append(found[0])
        for staged in cloud.world.blobs(_block(path, "")):
            cloud.world.remove_blob(staged)
        return _store(cloud, request, path, b"".join(content))


def _blocks(content: bytes) -> Iterator[str]:
    if b"<!DOCTYPE" in content:
        raise CloudFault(400, "InvalidXmlDocument", "The XML specified is not syntactically valid.")
    try:
        tree = ElementTree.fromstring(content)  # noqa: S314 - no doctype, so no entities
    except ElementTree.ParseError:
        raise CloudFault(400, "InvalidXmlDocument", "The XML specified is not syntactically valid.") from None
    for one in tree:
        if one.tag in ("Latest", "Uncommitted", "Committed") and one.text:
            yield one.text


def _get(cloud: Cloud, request: Request, path: str) -> Answer:
    if request.query.get("comp") == "blocklist":
        staged = cloud.world.blobs(_block(path, ""))
        sizes = [(one.partition("\n")[2], len((cloud.world.get_blob(one) or (b"", {}))[0])) for one in staged]
        items = "".join(
            f"<Block><Name>{escape(name)}</Name><Size>{size}</Size></Block>" for name, size in sizes
        )
        if not staged and cloud.world.get_blob(path) is None:
            raise CloudFault(404, "BlobNotFound", "The specified blob does not exist.")
        return _xml(
            f"<BlockList><CommittedBlocks/><UncommittedBlocks>{items}</UncommittedBlocks></BlockList>"
        )
    found = cloud.world.get_blob(path)
    if found is None:
        raise CloudFault(404, "BlobNotFound", "The specified blob does not exist.")
    content, kept = found
    preconditions(request, kept.get("ETag"))
    headers = {**kept, "Last-Modified": _TIME, "x-ms-blob-type": "BlockBlob", "Accept-Ranges": "bytes",
               "x-ms-creation-time": _TIME, "x-ms-lease-status": "unlocked"}  # fmt: skip
    asked = request.headers.get("x-ms-range") or request.headers.get("range") or ""
    if not (match := re.fullmatch(r"bytes=(\d+)-(\d*)", asked)):
        return Answer(200, content, headers)
    first, last = int(match[1]), int(match[2]) if match[2] else len(content) - 1
    if first >= len(content):
        raise CloudFault(
            416, "InvalidRange", "The range specified is invalid for the current size of the resource."
        )
    part = content[first : last + 1]
    whole = headers.pop("Content-MD5", "")
    span = {
        "Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(content)}",
        "x-ms-blob-content-md5": whole,
    }
    return Answer(206, part, {**headers, **span})


def _delete(cloud: Cloud, request: Request, path: str) -> Answer:
    found = cloud.world.get_blob(path)
    if found is None:
        raise CloudFault(404, "BlobNotFound", "The specified blob does not exist.")
    preconditions(request, found[1].get("ETag"))
    cloud.world.remove_blob(path)
    return Answer(202, b"", {"x-ms-delete-type-permanent": "true"})
