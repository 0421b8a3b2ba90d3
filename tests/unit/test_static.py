"""The browser client, as the server hands it out."""

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from yarl import URL

from server.api import static

Client = TestClient[web.Request, web.Application]
Clients = Callable[[web.Application], Awaitable[Client]]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "dist/assets/fonts").mkdir(parents=True)
    (tmp_path / "dist/index.html").write_text("<!doctype html>the page")
    (tmp_path / "dist/assets/app-0123abcd.js").write_text("the script")
    (tmp_path / "dist/assets/fonts/a.woff2").write_text("the font")
    (tmp_path / "secret").write_text("not for anybody")
    (tmp_path / "dist/assets/link.js").symlink_to(tmp_path / "secret")
    return tmp_path / "dist"


@pytest.fixture
async def client(aiohttp_client: Clients, built: Path) -> Client:
    app = web.Application()
    static.add(app, built)
    return await aiohttp_client(app)


@pytest.mark.parametrize("path", ["/", "/w/w_1", "/w/any.thing-else"])
async def test_every_workshop_link_is_the_page_under_a_strict_policy(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status, await answer.text()) == (200, "<!doctype html>the page")
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "Set-Cookie" not in answer.headers


async def test_hashed_files_are_kept_for_good(client: Client) -> None:
    for name, content in (("app-0123abcd.js", "the script"), ("fonts/a.woff2", "the font")):
        answer = await client.get(f"/assets/{name}")
        assert (answer.status, await answer.text()) == (200, content)
        assert "immutable" in answer.headers["Cache-Control"]


async def test_whoever_takes_compressed_files_gets_them(client: Client, built: Path) -> None:
    (built / "assets/app-0123abcd.js.gz").write_bytes(gzip.compress(b"the script"))
    for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
        answer = await client.get("/assets/app-0123abcd.js", headers={"Accept-Encoding": accepted})
        assert (answer.status, await answer.text()) == (200, "the script")
        assert (answer.headers.get("Content-Encoding"), answer.content_type) == (encoding, "application/javascript")
        assert "immutable" in answer.headers["Cache-Control"]


NO_FILES = [
    *("missing.js", "%00", "a%00.js", "fonts", "link.js", "x" * 300, "y/" * 3_000),
    *("../index.html", "%2e%2e/index.html", "%2e%2e/%2e%2e/secret", "..%2f..%2fsecret", "%2fetc%2fpasswd"),
]


@pytest.mark.parametrize("name", NO_FILES, ids=lambda name: name[:24])
async def test_what_is_no_file_of_the_client_is_not_found(client: Client, name: str) -> None:
    answer = await client.get(URL(f"/assets/{name}", encoded=True))
    assert answer.status == 404
    assert "not for anybody" not in await answer.text()


async def test_without_a_build_the_page_says_how_to_make_one(aiohttp_client: Clients, tmp_path: Path) -> None:
    app = web.Application()
    static.add(app, tmp_path)
    answer = await (await aiohttp_client(app)).get("/w/w_1")
    assert answer.status == 503
    assert "npm run build" in await answer.text()
