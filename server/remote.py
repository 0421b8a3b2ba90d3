"""A running server, spoken to from the command line through its HTTP API."""

import argparse
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every command needs that speaks to a server."""
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server (default %(default)s)")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".atelier"),
        help="where the server keeps its API key, if ATELIER_API_KEY is not set (default %(default)s)",
    )  # fmt: skip


class Remote:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; a refusal ends the program with the server's sentence."""
        async with self._session.request(method, self._url + path, json=body) as answer:
            told = await answer.json(content_type=None) if answer.status != 204 else None
            if answer.status >= 400:
                sys.exit(f"atelier: {told['detail'] if isinstance(told, dict) and 'detail' in told else answer.status}")
            return told


@asynccontextmanager
async def remote(arguments: argparse.Namespace) -> AsyncIterator[Remote]:
    """The server that the options name; ends the program with a sentence where it cannot be reached."""
    path = arguments.data_dir / "api_key"
    key = os.environ.get("ATELIER_API_KEY") or (path.read_text().strip() if path.is_file() else None)
    if key is None:
        sys.exit(f"atelier: no API key: set ATELIER_API_KEY, or name the server's --data-dir ({path} is not there).")
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
            yield Remote(arguments.url.rstrip("/"), session)
    except aiohttp.ClientError as error:
        sys.exit(f"atelier: {arguments.url} does not answer: {error}")
