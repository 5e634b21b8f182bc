"""Data and models that are elsewhere: listed for their version, fetched once to this machine's cache.

    remote.is_remote("s3://bucket/rows/")          quick: text only
    remote.version_of("s3://bucket/rows/", None)   lists; the version is of the listing
    remote.ensure("s3://bucket/rows/", version)    the local path, fetched where it is not there whole
    remote.local_path(uri, version)                the same path, whether it is there or not
    remote.unused()                                what no stack refers to, for `remote.remove`
    remote.pinned("hf://org/name@main/")           the same at the commit that main is now

A URI that ends in a slash is a folder.
"""

from mlstack_local.remote.collection import Fetched, refer, release, remove, unused
from mlstack_local.remote.fetching import ensure
from mlstack_local.remote.hub import pinned, revision_part
from mlstack_local.remote.places import local_path, where
from mlstack_local.remote.uris import canonical, is_remote, problem, redacted
from mlstack_local.remote.versions import version_of

__all__ = [
    "Fetched",
    "canonical",
    "ensure",
    "is_remote",
    "local_path",
    "pinned",
    "problem",
    "redacted",
    "refer",
    "release",
    "remove",
    "revision_part",
    "unused",
    "version_of",
    "where",
]
