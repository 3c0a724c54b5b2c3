"""Certificates of an authority of one's own, made with the openssl command, and a proxy that tunnels."""

import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HOST", "Authority", "TunnelProxy", "make_authority", "openssl"]

HOST = "model.invalid"
"""A name that no resolver knows; the certificates are for it and for 127.0.0.1."""

openssl = shutil.which("openssl")
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority's certificate, and a server's context with one that it signed."""

    ca_file: Path
    context: ssl.SSLContext


def make_authority(folder: Path) -> Authority:
    """Make an authority and a server's certificate; they hold for two days."""
    ca, leaf = folder / "ca.pem", folder / "leaf.pem"
    (folder / "leaf.ext").write_text(f"subjectAltName=DNS:{HOST},IP:127.0.0.1\n")
    days = ["-days", "2"]
    _run(folder, "req", "-x509", *_KEY, *days, "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", ca)
    _run(folder, "req", *_KEY, "-subj", f"/CN={HOST}", "-keyout", "leaf.key", "-out", "leaf.csr")
    signed = ["-CA", ca, "-CAkey", "ca.key", "-CAcreateserial", *days, "-extfile", "leaf.ext"]
    _run(folder, "x509", "-req", "-in", "leaf.csr", *signed, "-out", leaf)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, folder / "leaf.key")
    return Authority(ca, context)


def _run(folder: Path, *arguments: str | Path) -> None:
    assert openssl is not None
    subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)


class TunnelProxy:
    """An HTTP proxy on 127.0.0.1 that answers CONNECT with a tunnel to one port of this machine.

    `heads` are the heads of the requests that it got.
    """

    def __init__(self, port: int) -> None:
        self.heads: list[str] = []
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "TunnelProxy":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.heads.append(head.decode())
            server = socket.create_connection(("127.0.0.1", self._target))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pipe, args=(source, sink), daemon=True).start()


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other direction has ended both
