"""As much of S3 as exports need, in memory: objects, uploads in parts, lists, and being away."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Bucket(ThreadingHTTPServer):
    """``objects``: key -> content. ``uploads``: those under way, id -> part -> content. ``away``: answers 503."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.away = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        key, query, body = self._asked()
        if "uploadId" in query:
            self.server.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[key] = body
        self._answer(200, b"", ETag='"x"')

    def do_POST(self) -> None:
        key, query, body = self._asked()
        if "uploads" in query:
            name = f"u{len(self.server.uploads)}"
            self.server.uploads[name] = {}
            words = f"<Bucket>b</Bucket><Key>{escape(key)}</Key><UploadId>{name}</UploadId>"
            self._answer(200, f"<InitiateMultipartUploadResult>{words}</InitiateMultipartUploadResult>".encode())
        elif "uploadId" in query:
            parts = self.server.uploads.pop(query["uploadId"])
            self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
            words = f"<Location>x</Location><Bucket>b</Bucket><Key>{escape(key)}</Key><ETag>x</ETag>"
            self._answer(200, f"<CompleteMultipartUploadResult>{words}</CompleteMultipartUploadResult>".encode())
        else:
            keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for one in keys:
                self.server.objects.pop(one, None)
            gone = "".join(f"<Deleted><Key>{escape(one)}</Key></Deleted>" for one in keys)
            self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def do_GET(self) -> None:
        key, query, _body = self._asked()
        if "list-type" in query:
            found = sorted(one for one in self.server.objects if one.startswith(query.get("prefix", "")))
            about = "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag><Size>1</Size>"
            item = f"<Contents><Key>{{}}</Key>{about}</Contents>"
            listed = "".join(item.format(escape(one)) for one in found)
            self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>".encode())
        elif key in self.server.objects:
            self._answer(
                200, self.server.objects[key], ETag='"x"', **{"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
            )
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_DELETE(self) -> None:
        key, query, _body = self._asked()
        self.server.uploads.pop(query.get("uploadId", ""), None)
        self.server.objects.pop(key, None)
        self._answer(204, b"")

    def _asked(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        _slash, _bucket, *key = unquote(parts.path).split("/", 2)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return (key or [""])[0], query, body

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        if self.server.away:
            status, body = 503, b"<Error><Code>SlowDown</Code></Error>"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def bucket() -> Iterator[Bucket]:
    with Bucket() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
