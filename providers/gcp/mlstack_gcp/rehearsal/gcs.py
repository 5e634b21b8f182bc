"""Cloud Storage's JSON interface: buckets and objects (cloud.google.com/storage/docs/json_api/v1)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from email.parser import BytesParser
from typing import Any
from urllib.parse import quote, unquote

import google_crc32c

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.refusals import Refused, invalid

_OBJECT = re.compile(r"/(?:download/)?storage/v1/b/([^/]+)/o/(.+)")
_LIST = re.compile(r"/storage/v1/b/([^/]+)/o")
_UPLOAD = re.compile(r"/(?:resumable/)?upload/storage/v1/b/([^/]+)/o")
_BUCKET = re.compile(r"/storage/v1/b/([^/]+)(?:/(iam|iam/testPermissions))?")
_PAGE = 1000


def write(cloud: Cloud, uri: str, content: bytes) -> None:
    """Have an object there, where its bucket is."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if cloud.get(f"b/{bucket}") is not None:
        _put(cloud, bucket, name, content, {})


def serve(cloud: Cloud, request: Request) -> Answer | None:
    if match := _UPLOAD.fullmatch(request.path):
        return _upload(cloud, request, match[1])
    if match := re.fullmatch(r"(.+)/(rewriteTo|copyTo)/b/([^/]+)/o/(.+)", request.path):
        source = _OBJECT.fullmatch(match[1])
        return _copy(cloud, source, match) if source else None
    if match := _OBJECT.fullmatch(request.path):
        if match[2].endswith("/compose") and request.method == "POST":
            return _compose(cloud, request, match[1], match[2].removesuffix("/compose"))
        return _object(cloud, request, match[1], match[2])
    if match := _LIST.fullmatch(request.path):
        return _list(cloud, request, match[1])
    if match := _BUCKET.fullmatch(request.path):
        return _bucket(cloud, request, match[1], match[2])
    return None


def _there(cloud: Cloud, bucket: str) -> Document:
    found = cloud.get(f"b/{bucket}")
    if found is None:
        raise Refused("NOT_FOUND", "The specified bucket does not exist.", old=True)
    return found


def _found(cloud: Cloud, bucket: str, name: str) -> tuple[bytes, dict[str, str]]:
    _there(cloud, bucket)
    found = cloud.world.get_blob(f"{bucket}/{name}")
    if found is None:
        raise Refused("NOT_FOUND", f"No such object: {bucket}/{name}", old=True)
    return found


def _put(cloud: Cloud, bucket: str, name: str, content: bytes, metadata: Document) -> Document:
    since = now()
    kept = {
        "contentType": metadata.get("contentType") or "application/octet-stream",
        "generation": str(1_700_000_000_000_000 + cloud.world.count("generations")),
        "timeCreated": since,
    }
    kept |= {key: metadata[key] for key in ("contentEncoding", "cacheControl") if metadata.get(key)}
    if metadata.get("metadata"):
        kept["metadata"] = json.dumps(metadata["metadata"])
    cloud.world.put_blob(f"{bucket}/{name}", content, kept)
    return shown(bucket, name, content, kept)


def shown(bucket: str, name: str, content: bytes, kept: dict[str, Any]) -> Document:
    """The resource of an object."""
    link = f"https://www.googleapis.com/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
    crc = struct.pack(">I", google_crc32c.value(content))
    document = {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/{kept.get('generation', '1')}",
        "selfLink": link,
        "mediaLink": f"{link}?alt=media",
        "name": name,
        "bucket": bucket,
        "metageneration": "1",
        "size": str(len(content)),
        "md5Hash": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
        "crc32c": base64.b64encode(crc).decode(),
        "storageClass": "STANDARD",
        "updated": kept.get("timeCreated", ""),
        **kept,
    }
    document["etag"] = document["md5Hash"]
    if "metadata" in kept:
        document["metadata"] = json.loads(kept["metadata"])
    return document


def _object(cloud: Cloud, request: Request, bucket: str, name: str) -> Answer:
    content, kept = _found(cloud, bucket, name)
    if request.method == "DELETE":
        cloud.world.remove_blob(f"{bucket}/{name}")
        return Answer(204)
    if request.method == "PATCH":
        return Answer.json(
            200, _put(cloud, bucket, name, content, {**shown(bucket, name, content, kept), **request.json()})
        )
    document = shown(bucket, name, content, kept)
    if request.query.get("alt") != "media":
        return Answer.json(200, document)
    headers = {
        "Content-Type": document["contentType"],
        "X-Goog-Hash": f"crc32c={document['crc32c']},md5={document['md5Hash']}",
        "X-Goog-Generation": document["generation"],
        "ETag": document["etag"],
    }
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if asked is None:
        return Answer(200, content, headers)
    first = int(asked[1])
    last = min(int(asked[2] or len(content) - 1), len(content) - 1)
    if first >= len(content):
        if not content:
            return Answer(200, content, headers)
        raise Refused("CONDITION_NOT_MET", "The requested range cannot be satisfied.", old=True)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Answer(206, content[first : last + 1], headers)


def _list(cloud: Cloud, request: Request, bucket: str) -> Answer:
    _there(cloud, bucket)
    prefix, delimiter = request.query.get("prefix", ""), request.query.get("delimiter", "")
    names = [path[len(bucket) + 1 :] for path in cloud.world.blobs(f"{bucket}/{prefix}")]
    folders: dict[str, None] = {}
    if delimiter:
        for name in list(names):
            head, cut, _ = name[len(prefix) :].partition(delimiter)
            if cut:
                folders[prefix + head + cut] = None
                names.remove(name)
    first = int(request.query.get("pageToken") or 0)
    size = int(request.query.get("maxResults") or _PAGE)
    items = [shown(bucket, name, *_found(cloud, bucket, name)) for name in names[first : first + size]]
    answer: Document = {"kind": "storage#objects", "items": items, "prefixes": list(folders)}
    if first + size < len(names):
        answer["nextPageToken"] = str(first + size)
    return Answer.json(200, answer)


def _bucket(cloud: Cloud, request: Request, name: str, about: str | None) -> Answer:
    document = _there(cloud, name)
    if about == "iam":
        bindings = (cloud.get(f"iam/b/{name}") or {}).get("bindings", [])
        return Answer.json(200, {"kind": "storage#policy", "bindings": bindings, "etag": "CAE="})
    if about:
        return Answer.json(200, {"permissions": [request.query.get("permissions", "")]})
    return Answer.json(200, document)


def _upload(cloud: Cloud, request: Request, bucket: str) -> Answer:
    """Simple, multipart and resumable uploads (cloud.google.com/storage/docs/uploads-downloads)."""
    _there(cloud, bucket)
    kind = request.query.get("uploadType", "media")
    if request.query.get("upload_id"):
        return _resumed(cloud, request, bucket)
    name = request.query.get("name", "")
    if kind == "media":
        metadata: Document = {"contentType": request.headers.get("content-type")}
        return _stored(cloud, request, bucket, name, request.content, metadata)
    if kind == "multipart":
        metadata, content = _parts(request)
        return _stored(cloud, request, bucket, name or metadata.get("name", ""), content, metadata)
    metadata = request.json()
    metadata.setdefault("contentType", request.headers.get("x-upload-content-type"))
    name = name or metadata.get("name", "")
    _precondition(cloud, request, bucket, name)
    upload = f"upload-{cloud.world.count('uploads')}"
    cloud.world.put(f"~uploads/{upload}", "upload", {"name": name, "metadata": metadata})
    place = f"{request.base}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload}"
    return Answer(200, b"", {"Location": place, "X-GUploader-UploadID": upload})


def _resumed(cloud: Cloud, request: Request, bucket: str) -> Answer:
    """A part of a resumable upload: 308 until the last one is there."""
    upload = request.query["upload_id"]
    begun = cloud.world.get(f"~uploads/{upload}")
    if begun is None:
        raise Refused("NOT_FOUND", f"No upload {upload}.", old=True)
    path = f"~uploads/{upload}/content"
    have = (cloud.world.get_blob(path) or (b"", {}))[0]
    told = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", request.headers.get("content-range", ""))
    if told is None or told[1] is not None or not request.content:
        start = int(told[1]) if told and told[1] is not None else len(have)
        have = have[:start] + request.content
    total = int(told[3]) if told and told[3] != "*" else (len(have) if told is None else None)
    if total is None or len(have) < total:
        cloud.world.put_blob(path, have, {})
        ranged = {"Range": f"bytes=0-{len(have) - 1}"} if have else {}
        return Answer(308, b"", ranged)
    cloud.world.remove(f"~uploads/{upload}")
    cloud.world.remove_blob(path)
    return Answer.json(200, _put(cloud, bucket, begun["name"], have, begun["metadata"]))


def _stored(
    cloud: Cloud, request: Request, bucket: str, name: str, content: bytes, metadata: Document
) -> Answer:
    if not name:
        raise Refused("INVALID_ARGUMENT", "Required parameter: name", old=True)
    _precondition(cloud, request, bucket, name)
    return Answer.json(200, _put(cloud, bucket, unquote(name), content, metadata))


def _precondition(cloud: Cloud, request: Request, bucket: str, name: str) -> None:
    wants = request.query.get("ifGenerationMatch")
    if wants is None:
        return
    found = cloud.world.get_blob(f"{bucket}/{name}")
    if (found[1].get("generation") if found else "0") != wants:
        raise Refused(
            "CONDITION_NOT_MET", "At least one of the pre-conditions you specified did not hold.", old=True
        )


def _parts(request: Request) -> tuple[Document, bytes]:
    """The two parts of a multipart/related body."""
    kind = request.headers.get("content-type", "")
    match = re.search(r'boundary="?([^";]+)"?', kind)
    if match is None:
        raise invalid("Multipart body has no boundary.")
    pieces = request.content.split(b"--" + match[1].encode())[1:-1]
    if len(pieces) != 2:
        raise invalid("Multipart body must have two parts.")
    found = []
    for piece in pieces:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        found.append((BytesParser().parsebytes(head + b"\r\n\r\n"), content.removesuffix(b"\r\n")))
    metadata = json.loads(found[0][1])
    metadata.setdefault("contentType", found[1][0].get_content_type())
    return metadata, found[1][1]


def _copy(cloud: Cloud, source: re.Match[str], match: re.Match[str]) -> Answer:
    content, kept = _found(cloud, source[1], source[2])
    _there(cloud, match[3])
    document = _put(cloud, match[3], match[4], content, dict(kept))
    if match[2] == "copyTo":
        return Answer.json(200, document)
    size = str(len(content))
    told = {"kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size, "done": True}
    return Answer.json(200, {**told, "resource": document})


def _compose(cloud: Cloud, request: Request, bucket: str, name: str) -> Answer:
    said = request.json()
    content = b"".join(_found(cloud, bucket, one["name"])[0] for one in said.get("sourceObjects", []))
    return Answer.json(200, _put(cloud, bucket, name, content, said.get("destination") or {}))
