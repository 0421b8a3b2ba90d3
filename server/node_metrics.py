"""What is read off a node when it is asked for its metrics: how much of everything there is, and the media plane's counters.

Labels are bounded: roles, states, directions, reasons and the parts of the load; never a workshop or a person.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from rooms.roles import Role
from server.cluster.member import Member
from server.load import LoadMeter
from server.media import MediaServer
from server.workshops import Workshops

DROPPED = "dropped: "
TRANSPORT_STATES = ("waiting", "handshake", "connected")


class NodeCollector(Collector):
    """`state` gives (ready, draining)."""

    def __init__(
        self,
        version: str,
        workshops: Workshops,
        media: MediaServer,
        load: LoadMeter,
        member: Member | None,
        state: Callable[[], tuple[bool, bool]],
    ) -> None:
        self._version = version
        self._workshops = workshops
        self._media = media
        self._load = load
        self._member = member
        self._state = state

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("atelier_build", "The running version.", value={"version": self._version})
        ready, draining = self._state()
        yield GaugeMetricFamily("atelier_ready", "1 if the node takes work.", value=float(ready))
        yield GaugeMetricFamily("atelier_draining", "1 if the node hands its work over.", value=float(draining))
        load = GaugeMetricFamily("atelier_load", "What is used of each limit, 0 to 1.", labels=["part"])
        for part, share in self._load.by_part().items():
            load.add_metric([part], share)
        yield load
        yield from self._people()
        yield from self._transports()
        if self._member is not None:
            yield from self._cluster(self._member)

    def _people(self) -> Iterator[Metric]:
        loaded = self._workshops.loaded
        yield GaugeMetricFamily("atelier_workshops", "Workshops in memory.", value=len(loaded))
        roles = Counter(
            person.role for actor in loaded for person in actor.state.participants.values() if not person.left
        )
        people = GaugeMetricFamily("atelier_participants", "People in the workshops in memory.", labels=["role"])
        for role in get_args(Role):
            people.add_metric([role], roles[role])
        yield people

    def _transports(self) -> Iterator[Metric]:
        stats, states = self._media.stats(), self._media.states()
        transports = GaugeMetricFamily("atelier_media_transports", "Media connections.", labels=["state"])
        for state in TRANSPORT_STATES:
            transports.add_metric([state], states.get(state, 0))
        yield transports
        for what in ("packets", "bytes"):
            family = CounterMetricFamily(f"atelier_media_{what}", f"{what.title()} of media.", labels=["direction"])
            for direction in ("received", "sent"):
                key = direction if what == "packets" else f"{direction} bytes"
                family.add_metric([direction], stats[key])
            yield family
        for name, text, key in (
            ("forwarded", "Media packets that went out to receivers.", "forwarded"),
            ("resent", "Packets sent again because a receiver asked (NACK).", "resent"),
            ("key_frames_asked", "Key frames asked of senders (PLI).", "key frames asked"),
            ("packets_expected", "Packets that receivers reported on.", "expected"),
            ("packets_lost", "Of those, the lost ones.", "lost"),
        ):
            yield CounterMetricFamily(f"atelier_media_{name}", text, value=stats[key])
        yield CounterMetricFamily(
            "atelier_media_forward_seconds", "Time spent forwarding.", value=stats["forward ns"] / 1e9
        )
        yield SummaryMetricFamily(
            "atelier_media_round_trip_seconds",
            "Round trips to receivers, from their reports.",
            count_value=stats["round trips"],
            sum_value=stats["round trip ms"] / 1000,
        )
        dropped = CounterMetricFamily("atelier_media_dropped", "Packets not taken, by reason.", labels=["reason"])
        for key, count in stats.items():
            if key.startswith(DROPPED):
                dropped.add_metric([key.removeprefix(DROPPED)], count)
        yield dropped

    def _cluster(self, member: Member) -> Iterator[Metric]:
        nodes = member.registry.nodes
        yield GaugeMetricFamily("atelier_nodes", "Nodes that are there, this one among them.", value=len(nodes))
        yield GaugeMetricFamily("atelier_leases", "Workshops this node owns.", value=len(member.ownership.held))
        yield CounterMetricFamily("atelier_leases_lost", "Taken by another node.", value=member.ownership.lost)
        yield CounterMetricFamily("atelier_workshops_moved", "Handed to another node.", value=member.handover.moved)
        yield GaugeMetricFamily(
            "atelier_store_available", "1 if the last heartbeat reached Redis.", value=float(member.registry.reached)
        )
