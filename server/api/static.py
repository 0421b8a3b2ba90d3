"""The built browser client: one page for every workshop link, hashed assets cached for good, and a strict policy.

Content-Security-Policy: scripts, fonts and connections from this host only, no inline script. Inline style *attributes* are allowed,
because the component library positions its popovers with them; `<style>` elements are too, for its colour variables.
"""

from pathlib import Path

from aiohttp import web

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob: mediastream:",
        "font-src 'self'",
        "connect-src 'self' ws: wss:",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MISSING = "The browser client is not built. Run `make run`, or `npm ci && npm run build` in client_web/."


def add(app: web.Application, folder: Path) -> None:
    """Serve the client from `folder`; where it is not built, the pages say how to build it."""

    async def page(_request: web.Request) -> web.StreamResponse:
        index = folder / "index.html"
        if not index.is_file():
            return web.Response(text=MISSING, status=503, headers=HEADERS)
        return web.FileResponse(index, headers={**HEADERS, "Cache-Control": "no-cache"})

    async def asset(request: web.Request) -> web.StreamResponse:
        path = _inside(folder / "assets", request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"})

    async def favicon(_request: web.Request) -> web.StreamResponse:
        path = folder / "favicon.svg"
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=HEADERS)

    app.router.add_get("/", page)
    app.router.add_get("/w/{workshop_id}", page)
    app.router.add_get("/favicon.svg", favicon)
    app.router.add_get("/assets/{name:.+}", asset)


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name in the folder; None where there is none, or where it lies elsewhere."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # a name that no file can have: too long, a null byte
        return None
