"""An echo server of asyncio streams, on the listening socket whose descriptor is its argument."""

import asyncio
import socket
import sys


async def echo(reader, writer):
    while data := await reader.read(16384):
        writer.write(data)
        await writer.drain()
    writer.close()


async def main():
    listening = socket.socket(fileno=int(sys.argv[1]))
    server = await asyncio.start_server(echo, sock=listening)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
