"""The server of web applications on the loopback address."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from interfaces.command_line import console

if TYPE_CHECKING:
    from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
SECONDS_TO_SEND, HEADER_BYTES = 10, 32 << 10


def serve_on_loopback(app: FastAPI, port: int) -> None:
    """Serve an application until the process is interrupted, and print its address."""
    import asyncio
    import socket

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from hypercorn.typing import ASGIFramework

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        console.stop(f"port {port} cannot be used ({error.strerror}): choose another with --port")
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    # A client must send a request's headers within this time, and must not pause longer in its
    # body, so that nobody can hold all connections open.
    config.keep_alive_timeout = config.read_timeout = SECONDS_TO_SEND
    config.h11_max_incomplete_size = HEADER_BYTES
    config.include_server_header = False
    # Addresses of pages contain keys, so the server must not log them.
    config.accesslog = None
    config.loglevel = "WARNING"
    console.notices.print(f"http://{LOOPBACK}:{listener.getsockname()[1]}")
    asyncio.run(serve(cast("ASGIFramework", app), config))
