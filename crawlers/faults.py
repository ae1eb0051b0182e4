"""Every way a download can fail, in words."""

from __future__ import annotations

import zlib
from gzip import BadGzipFile

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed

from ingest.errors import SourceError

UNPACKING = (BadGzipFile, EOFError, zlib.error)
DOWNLOAD_FAULTS: tuple[type[Exception], ...] = (
    SourceError,
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
    ConnectError,
    ConnectionClosed,
    OSError,
    ValueError,
    *UNPACKING,
)
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (CannotResolveHostError, "the name of the host leads nowhere"),
    (DownloadConnectionRefusedError, "the connection was refused"),
    (DownloadTimeoutError, "no whole answer came in time"),
    (DownloadCancelledError, "the answer is larger than allowed"),
    (ResponseDataLossError, "the answer was cut off"),
    (DownloadFailedError, "the connection broke, or the answer is not HTTP"),
    (UnsupportedURLSchemeError, "the address is not http or https"),
    (ConnectError, "no connection could be made"),
    (ConnectionClosed, "the connection broke"),
    (BadGzipFile, "the answer says it is compressed, but cannot be unpacked"),
    (EOFError, "the answer cannot be unpacked"),
    (zlib.error, "the answer cannot be unpacked"),
    (OSError, "the network could not be used"),
    (ValueError, "the address or the answer is malformed"),
)


def in_words(fault: Exception) -> str:
    """Return what went wrong with a download, without the address (it may be a secret)."""
    if isinstance(fault, SourceError):
        return fault.what
    if isinstance(fault, IgnoreRequest):
        is_redirect = "redirect" in str(fault)
        return "redirected too often" if is_redirect else "the answer is larger than allowed"
    return next(words for kind, words in _WORDS if isinstance(fault, kind))
