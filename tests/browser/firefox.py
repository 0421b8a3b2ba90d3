"""Firefox, driven over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/): Debian's Firefox ESR speaks it itself, and Playwright cannot drive it.

A person at a Firefox does what one at a Chromium does (`person.py`), by the same names. Elements are found by role and accessible name, as assistive
technology does, and are clicked and typed into by real input events. The camera is a canvas of the device's colour, because Firefox's own fake camera
changes colours; the microphone is Firefox's fake one, which whistles at the device's pitch.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.browser.devices import HEIGHT, OUTPUT, PROBE, WIDTH, Device

FIREFOX = "/usr/bin/firefox-esr"
START_WITHIN_S = 90
EVERY_S = 0.1
PREFERENCES: dict[str, Any] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "dom.min_background_timeout_value": 4,
    "intl.accept_languages": "en-GB",
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
CAMERA = """() => {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const capture = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (asked) => {
    const stream = await capture(asked);
    if (!asked.video) return stream;
    const size = {width: asked.video.width?.exact ?? WIDTH, height: asked.video.height?.exact ?? HEIGHT};
    const canvas = Object.assign(document.createElement("canvas"), size);
    const paint = canvas.getContext("2d");
    let at = 0;
    setInterval(() => {
      paint.fillStyle = "COLOUR";
      paint.fillRect(0, 0, canvas.width, canvas.height);
      paint.fillStyle = "rgba(0, 0, 0, 0.2)";
      paint.fillRect((at = (at + 4) % canvas.width), 0, 24, canvas.height);
    }, 66);
    for (const track of stream.getVideoTracks()) { track.stop(); stream.removeTrack(track); }
    stream.addTrack(canvas.captureStream(15).getVideoTracks()[0]);
    return stream;
  };
}"""
READY = "(node) => { node.scrollIntoView({block: 'center'}); return !node.matches(':disabled'); }"
SHADES = {"red": "#f00", "green": "#0c0", "blue": "#00f", "yellow": "#ff0"}


class Refused(Exception):
    """The browser's error to a command."""


class Connection:
    """A browser that runs, and the socket by which it is driven."""

    def __init__(self, process: asyncio.subprocess.Process, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._process = process
        self._socket = socket
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())
        self.errors: dict[str, list[str]] = {}
        """Uncaught errors, by the tab of their page."""

    @property
    def running(self) -> bool:
        return self._process.returncode is None and not self._socket.closed

    async def call(self, method: str, **parameters: Any) -> Any:
        """A command's result. Raises `Refused`."""
        number = len(self._pending) + 1
        answer = self._pending[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(60):
            return await answer

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if said["type"] == "event":
                if said["method"] == "log.entryAdded" and said["params"].get("type") == "javascript":
                    tab = said["params"]["source"].get("context", "")
                    self.errors.setdefault(tab, []).append(str(said["params"].get("text")))
                continue
            answer = self._pending[said["id"]]
            if answer.done():
                continue
            if said["type"] == "error":
                answer.set_exception(Refused(f"{said['error']}: {said['message']}"))
            else:
                answer.set_result(said["result"])

    async def close(self) -> None:
        with suppress(Refused, aiohttp.ClientError, TimeoutError, ConnectionError):
            async with asyncio.timeout(10):
                await self.call("browser.close")
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Firefox:
    """One tab, in a container of its own: `tab`, then `goto`, `evaluate`, `click`, `fill`."""

    def __init__(self, connection: Connection, context: str) -> None:
        self.call = connection.call
        self.context = context
        self.errors = connection.errors.setdefault(context, [])
        """Uncaught errors of the page."""

    async def goto(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def preload(self, function: str) -> None:
        """Run a function in every page before its own scripts."""
        await self.call("script.addPreloadScript", functionDeclaration=function, contexts=[self.context])

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression, awaited; it has to be JSON. Raises `Refused` where it throws."""
        result = await self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self.context},
            awaitPromise=True,
            userActivation=True,
        )
        if result["type"] == "exception":
            raise Refused(result["exceptionDetails"]["text"])
        said = result["result"]
        return None if said["type"] == "undefined" else json.loads(said["value"])

    async def find(self, role: str, name: str | None = None) -> list[dict[str, Any]]:
        """References to the elements of this role, and accessible name."""
        value = {"role": role, **({} if name is None else {"name": name})}
        found = await self.call(
            "browsingContext.locateNodes", context=self.context, locator={"type": "accessibility", "value": value}
        )
        return list(found["nodes"])

    async def one(self, role: str, name: str | None = None, within_s: float = 60) -> dict[str, Any]:
        """The first such element, as soon as there is one."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    found = await self.find(role, name)
                    if found:
                        return found[0]
                    await asyncio.sleep(EVERY_S)
        except TimeoutError:
            raise AssertionError(f"no {role} {name!r} within {within_s} s") from None

    async def click(self, role: str, name: str | None = None) -> None:
        """Click such an element, as soon as it can be."""
        await self._press(await self.one(role, name))

    async def _press(self, node: dict[str, Any]) -> None:
        async with asyncio.timeout(60):
            while not await self._of(node, READY):
                await asyncio.sleep(EVERY_S)
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self.call(
            "input.performActions",
            context=self.context,
            actions=[{"type": "pointer", "id": "mouse", "actions": actions}],
        )

    async def _of(self, node: dict[str, Any], function: str) -> Any:
        """What a function of an element returns."""
        result = await self.call(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[{"sharedId": node["sharedId"]}],
            target={"context": self.context},
            awaitPromise=False,
        )
        return result["result"].get("value")

    async def fill(self, name: str, text: str) -> None:
        """Type a text into a text field."""
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        async with asyncio.timeout(60):
            while True:
                node = await self.one("textbox", name)
                await self._press(node)
                if await self._of(node, "(node) => { node.select(); return document.activeElement === node; }"):
                    await self.call(
                        "input.performActions",
                        context=self.context,
                        actions=[{"type": "key", "id": "keyboard", "actions": keys}],
                    )
                    if await self._of(node, "(node) => node.value") == text:
                        return
                await asyncio.sleep(EVERY_S)

    async def wait_for(self, expression: str, within_s: float = 60) -> None:
        """Until an expression of the page is true."""
        try:
            async with asyncio.timeout(within_s):
                while not await self.evaluate(expression):
                    await asyncio.sleep(EVERY_S)
        except TimeoutError:
            raise AssertionError(f"not within {within_s} s: {expression}") from None


async def _listening(process: asyncio.subprocess.Process) -> str:
    """The address at which the browser says it listens."""
    assert process.stderr is not None
    said = b""
    async for line in process.stderr:
        said += line
        found = re.search(rb"WebDriver BiDi listening on (ws://\S+)", line)
        if found:
            return found[1].decode()
    raise AssertionError(f"Firefox ended: {said.decode(errors='replace')}")


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


@asynccontextmanager
async def launched(folder: Path, **preferences: Any) -> AsyncIterator[Connection]:
    """A headless Firefox with a profile of its own in `folder`."""
    profile = folder / "firefox"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});" for n, v in {**PREFERENCES, **preferences}.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        FIREFOX,
        *("--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS_WIDTH": "1280", "MOZ_HEADLESS_HEIGHT": "900"},
    )
    try:
        async with asyncio.timeout(START_WITHIN_S):
            url = await _listening(process)
        draining = asyncio.create_task(_drain(process.stderr))
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/session", max_msg_size=0) as socket:
            browser = Connection(process, socket)
            await browser.call("session.new", capabilities={})
            await browser.call("session.subscribe", events=["log.entryAdded"])
            try:
                yield browser
            finally:
                await browser.close()
                draining.cancel()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def tab(browser: Connection) -> AsyncIterator[Firefox]:
    """A tab that shares neither cookies nor storage with others; closed in the end."""
    container = (await browser.call("browser.createUserContext"))["userContext"]
    try:
        made = await browser.call("browsingContext.create", type="tab", userContext=container)
        yield Firefox(browser, made["context"])
    finally:
        with suppress(Refused, aiohttp.ClientError, TimeoutError, ConnectionError):
            await browser.call("browser.removeUserContext", userContext=container)


class FirefoxPerson:
    """What `tests.browser.person.Person` is for Chromium."""

    def __init__(self, name: str, device: Device, browser: Firefox) -> None:
        self.name = name
        self.device = device
        self.browser = browser

    @property
    def errors(self) -> list[str]:
        return self.browser.errors

    async def join(self, link: str) -> None:
        """Open the link, give a name, look at the device check, and enter the workshop."""
        browser = self.browser
        await browser.goto(link)
        await browser.one("button", "Join workshop")
        if await browser.find("textbox", "Your name"):
            await browser.fill("Your name", self.name)
        await browser.click("button", "Join workshop")
        await browser.one("button", "Leave workshop")

    async def open_panel(self, name: str) -> None:
        if not await self.browser.find("heading", name):
            await self.browser.click("button", name)

    async def room(self) -> str:
        """The name of the room that the header shows."""
        said = await self.browser.evaluate("document.querySelector('[data-testid=room-name]')?.innerText ?? ''")
        return str(said).strip()

    async def expect_room(self, name: str) -> None:
        await self.browser.wait_for(
            f"(document.querySelector('[data-testid=room-name]')?.innerText ?? '').includes({json.dumps(name)})"
        )

    async def expect_text(self, text: str) -> None:
        """Until the page shows it."""
        await self.browser.wait_for(f"document.body.innerText.includes({json.dumps(text)})")

    async def vote(self, option: str) -> None:
        await self.browser.click("radio", option)
        await self.browser.click("button", "Vote")

    async def say(self, text: str) -> None:
        await self.open_panel("Chat")
        await self.browser.fill("Message", text)
        await self.browser.click("button", "Send")

    async def perceive(self, ms: int = 2500) -> tuple[set[str], set[str], int]:
        """As `Person.perceive`."""
        what: dict[str, Any] = await self.browser.evaluate(f"window.__probe.perceive({ms})")
        seen = {colour for colour, frames in what["seen"].items() if frames >= 5}
        heard = {colour for colour, times in what["heard"].items() if times >= 5}
        return seen, heard, int(what["decoded"])

    async def negotiations(self) -> list[int]:
        return [each["offers"] for each in await self.browser.evaluate("window.__probe.connections()")]


@asynccontextmanager
async def firefox_person(connection: Connection, name: str, device: Device) -> AsyncIterator[FirefoxPerson]:
    """A person at a Firefox; its microphone is the device's (`Browsers.firefox`)."""
    async with tab(connection) as browser:
        camera = CAMERA.replace("COLOUR", SHADES[device.colour])
        camera = camera.replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))
        await browser.preload(camera)
        await browser.preload(f"() => {{ {PROBE.read_text()} }}")
        try:
            yield FirefoxPerson(name, device, browser)
        except BaseException:
            OUTPUT.mkdir(exist_ok=True)
            with suppress(Refused, TimeoutError, aiohttp.ClientError):
                picture = await browser.call("browsingContext.captureScreenshot", context=browser.context)
                (OUTPUT / f"{name}.png.base64").write_text(picture["data"])
            raise
