"""A DynamoDB that takes everything, in batches too, and knows nothing, on a free port of loopback,
which it prints.

It runs in a process of its own, so that the work of the other side is not measured.
"""

import asyncio
import zlib

BODY = b'{"UnprocessedItems":{}}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amz-crc32: %d\r\n"
    b"x-amzn-RequestId: bench\r\nContent-Length: %d\r\n\r\n%s"
) % (zlib.crc32(BODY), len(BODY), BODY)
LONGEST = 1 << 22


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read requests of one connection, answer each."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next((x[15:] for x in lines if x.startswith(b"content-length:")), b"0")
            await reader.readexactly(int(length))
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve() -> None:
    """Until the process is ended."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=LONGEST)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
