"""A way from containers to a port of the host's loopback address, for as long as it is needed.

The embedded AWS listens on 127.0.0.1 only, and a container's 127.0.0.1 is its own. Rather than let
the embedded AWS listen to the network, a forwarder listens on the address that the host has in the
containers' network, for peers in that network.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import IPv4Network, ip_address
from types import TracebackType
from typing import Self

CHUNK = 65_536


class Forwarder:
    """Listens on `address`, on any free port, and passes bytes on to 127.0.0.1:`port`.

    A context manager: `.port` is known inside it, and nothing is left after it. Entering raises
    OSError when the address is not one of this machine.
    """

    def __init__(self, address: str, network: IPv4Network, port: int) -> None:
        self._address = address
        self._network = network
        self._target = port
        self._stop: Future[Callable[[], object]] = Future()
        self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)
        self._listener: socket.socket
        self.port = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self._address, 0))
        self.port = self._listener.getsockname()[1]
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.result()()
        self._thread.join()

    def _run(self) -> None:
        # Returning from the coroutine cancels the connections that are still open.
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connect, sock=self._listener)
        self._stop.set_result(lambda: loop.call_soon_threadsafe(stopped.set))
        await stopped.wait()
        server.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if ip_address(writer.get_extra_info("peername")[0]) in self._network:
                await self._relay(reader, writer)
        except* OSError:
            # Either side went away, or nothing listens on the port: the client sees its connection
            # end.
            pass
        finally:
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(_pass_on(reader, there_writer))
                both_ways.create_task(_pass_on(there_reader, writer))
        finally:
            there_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything up to the end, and then the end."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
