"""The measure of `live.py`: a WebSocket server that does nothing but send the same bytes to everybody who is connected.

    python -m tests.bench.live_bare PORT

`GET /ws` connects; `POST /send?bytes=300&per_s=20&seconds=5` sends to all, with `send_bytes` of the same library on the same event loop as the
real server's, and answers how many frames that were.
"""

import asyncio
import sys
import time

import uvloop
from aiohttp import WSMsgType, web


class Bare:
    def __init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        self._sockets.discard(socket)
        return socket

    async def send(self, request: web.Request) -> web.Response:
        payload = b"signals" + bytes(int(request.query["bytes"]) - 7)
        per_s, seconds = float(request.query["per_s"]), float(request.query["seconds"])
        frames, due_s = 0, time.monotonic()
        end_s = due_s + seconds
        while due_s < end_s:
            for socket in self._sockets:
                await socket.send_bytes(payload)
            frames += len(self._sockets)
            due_s += 1 / per_s
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        return web.json_response(frames)


async def main(port: int) -> None:
    bare = Bare()
    app = web.Application()
    app.router.add_get("/ws", bare.connect)
    app.router.add_post("/send", bare.send)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
