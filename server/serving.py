"""`atelier serve` and `atelier demo`: a node from its start to its end, and what is said where it cannot start.

Asked once to stop, the workshops are handed over first; asked twice, it ends now.
"""

import asyncio
import signal
import sys
import time

from rooms.commands.workshop import CreateWorkshop
from rooms.ids import ParticipantId, WorkshopId
from server import config, pauses
from server.app import Node
from server.auth import Claims
from server.cluster.registry import NameTaken
from server.journal.port import JournalError
from server.workshops import UnknownWorkshop

DEMO = WorkshopId("demo")
DEMO_TOKENS_S = 7 * 24 * 3600


async def serve(settings: config.Settings, *, demo: bool) -> None:
    """Run a node until SIGINT or SIGTERM; ends the process with a sentence where it cannot start. `demo`: print the links of a demo workshop."""
    try:
        node = Node(settings)
    except OSError as error:
        sys.exit(f"atelier: the data directory {settings.data_dir} cannot be used: {error.strerror or error}.")
    try:
        await node.start()
    except JournalError as error:
        hint = " Is another server running on this data directory? Choose another --data-dir."
        sys.exit(f"atelier: {error}.{hint if settings.store == 'sqlite' else ''}")
    except NameTaken as error:
        sys.exit(f"atelier: {error}; choose another cluster.node.")
    except OSError as error:
        sys.exit(f"atelier: cannot listen: {error.strerror or error}. Choose another --port or --udp-port.")
    if demo:
        await _print_demo(node)
    pauses.shorten()
    collector = pauses.Collector(lambda: node.gateway.sockets)
    await collector.start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    stop.clear()
    drained, hurried = asyncio.create_task(node.drain()), asyncio.create_task(stop.wait())
    await asyncio.wait([drained, hurried], return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    drained.cancel()
    await asyncio.wait([drained, hurried])
    await collector.close()
    await node.stop()


async def _print_demo(node: Node) -> None:
    """The demo workshop's links; the workshop is made once and then found again, with everything in it."""
    workshop_id = DEMO
    try:
        actor = await node.workshops.get(workshop_id)
        if actor.state.status == "closed":
            workshop_id = WorkshopId(f"demo-{int(time.time())}")
            raise UnknownWorkshop(workshop_id)
    except UnknownWorkshop:
        await node.workshops.create(
            CreateWorkshop(workshop_id=workshop_id, title="Demo workshop"), f"create:{workshop_id}"
        )
    expires_at = int(time.time()) + DEMO_TOKENS_S
    facilitator = Claims(
        kind="participant",
        workshop_id=workshop_id,
        role="facilitator",
        participant_id=ParticipantId("facilitator"),
        name="Facilitator",
        expires_at=expires_at,
    )
    learners = Claims(
        kind="invite", workshop_id=workshop_id, role="learner", participant_id=None, name="", expires_at=expires_at
    )
    for label, claims in (("Facilitator", facilitator), ("Learners", learners)):
        print(f"{label + ':':13}{node.base_url}/w/{workshop_id}#t={node.tokens.sign(claims)}\n", flush=True)
