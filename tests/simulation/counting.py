"""What is counted after a storm: the journal against what was acknowledged, each sink against the journal, attendance against the truth.

The journal is read with the server stopped. What it is published as is made from it here, so the server's own word is one more
thing to compare, like a sink.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rooms.events import Recorded
from rooms.ids import ParticipantId, WorkshopId
from server.journal.port import CommandKey, Journal
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Narrative, Options
from tests.simulation.truth import Between, Possible, Presence

ATTENDANCE_WITHIN_S = 1.0


@dataclass
class Report:
    acknowledged: int = 0
    events: int = 0
    journalled: int = 0
    kills: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged commands that the journal has not, or twice, or not as it was said."""
    gaps: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    """In sinks that must not repeat."""
    repeated: int = 0
    """In those that may."""
    disorder: list[str] = field(default_factory=list)
    attendance: list[str] = field(default_factory=list)
    """People whose attendance is wrong by more than a second."""
    histories: list[str] = field(default_factory=list)
    """Of some of them, for whoever looks for the reason."""
    measured: int = 0
    """Times compared with the truth."""
    worst_s: float = 0.0
    doubt_s: float = 0.0
    """How long the longest instant is that the truth itself leaves open."""
    settled_s: float = 0.0

    @property
    def faults(self) -> list[str]:
        return [
            *self.lost,
            *self.gaps,
            *self.missing,
            *self.invented,
            *self.duplicated,
            *self.disorder,
            *self.attendance,
        ]

    def line(self) -> str:
        return (
            f"{self.acknowledged} acknowledged over {self.kills} kills, {self.events} events published of {self.journalled}: "
            f"{len(self.lost)} lost, {len(self.gaps)} gaps, {len(self.missing)} missing, {len(self.invented)} invented, "
            f"{len(self.duplicated)} duplicated ids, {len(self.disorder)} order errors "
            f"({self.repeated} repeated where that is allowed); caught up in {self.settled_s:.1f} s; "
            f"worst attendance error {self.worst_s:.3f} s over {self.measured} times"
        )


# ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────
async def check_journal(
    report: Report, journal: Journal, workshop_ids: Sequence[WorkshopId], acked: Mapping[tuple[str, str, str], int]
) -> dict[WorkshopId, list[Recorded]]:
    """Every acknowledged command once, under the seq it was answered with; numbers without gaps. Returns the events."""
    report.acknowledged = len(acked)
    logs: dict[WorkshopId, list[Recorded]] = {}
    for workshop_id in workshop_ids:
        log = logs[workshop_id] = await read_all(journal, workshop_id)
        report.journalled += len(log)
        if [each.seq for each in log] != list(range(1, len(log) + 1)):
            report.gaps.append(f"{workshop_id}: {len(log)} events up to {log[-1].seq}")
        seqs: dict[tuple[str, str], list[int]] = {}
        for each in log:
            seqs.setdefault((each.actor, each.command_id), []).append(each.seq)
        told = {key[1:]: seq for key, seq in acked.items() if key[0] == workshop_id}
        keys = [CommandKey(ParticipantId(actor), command_id) for actor, command_id in told]
        answers = await journal.answers(workshop_id, keys)
        for key in keys:
            seq, caused = told[key.actor, key.command_id], seqs.get((key.actor, key.command_id), [])
            once = caused == list(range(seq - len(caused) + 1, seq + 1)) if caused else True
            if answers.get(key) != seq or not once:
                report.lost.append(f"{key} was answered {seq}, the journal says {answers.get(key)}, events {caused}")
    return logs


async def read_all(journal: Journal, workshop_id: WorkshopId) -> list[Recorded]:
    log: list[Recorded] = []
    while page := await journal.read(workshop_id, log[-1].seq if log else 0):
        log += page
    return log


def published(logs: Mapping[WorkshopId, list[Recorded]], options: Options) -> list[CloudEvent]:
    """What all of it is told as."""
    events: list[CloudEvent] = []
    for log in logs.values():
        narrative = Narrative(options)
        for recorded in log:
            events += narrative.tell(recorded)
    return events


# ── sinks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def check_sink(report: Report, sink: str, expected: Sequence[Any], got: Sequence[Any], *, once: bool) -> None:
    """The same events with the same contents, in order per workshop, and numbered without a gap; `once`: none twice."""
    first: dict[str, CloudEvent] = {}
    for event in got:
        if event["id"] in first:
            report.repeated += not once
            if once:
                report.duplicated.append(f"{sink}: {event['id']}")
            elif event != first[event["id"]]:
                report.invented.append(f"{sink}: {event['id']} came with two contents")
        first.setdefault(event["id"], event)
    wanted = {event["id"]: event for event in expected}
    report.missing += [f"{sink}: {each}" for each in wanted.keys() - first.keys()]
    report.invented += [f"{sink}: {each}" for each, event in first.items() if wanted.get(each) != event]
    for source in {event["source"] for event in expected}:
        order = [int(event["sequence"]) for event in first.values() if event["source"] == source]
        if order != list(range(1, len(order) + 1)):
            report.disorder.append(f"{sink}: {source}")


def check_statements(
    report: Report, expected: Sequence[CloudEvent], statements: Iterable[Mapping[str, Any]], stored: list[str]
) -> None:
    """`statements`: those that the events come to, in order; `stored`: the ids that the LRS has, in the order they were stored."""
    wanted = [each["id"] for each in statements]
    for statement_id, times in Counter(stored).items():
        if times > 1:
            report.duplicated.append(f"xapi: {statement_id}, {times} times")
    report.missing += [f"xapi: {each}" for each in set(wanted) - set(stored)]
    report.invented += [f"xapi: {each}" for each in set(stored) - set(wanted)]
    place = {event["id"]: (event["source"], int(event["sequence"])) for event in expected}
    for source in {event["source"] for event in expected}:
        order = [place[each][1] for each in stored if each in place and place[each][0] == source]
        if order != sorted(order):
            report.disorder.append(f"xapi: {source}")


# ── attendance ───────────────────────────────────────────────────────────────────────────────────────────────────────
def check_time(report: Report, what: str, possible: Possible, measured_ms: int) -> None:
    error_s = possible.error(measured_ms / 1000)
    report.measured += 1
    report.worst_s = max(report.worst_s, error_s)
    if error_s > ATTENDANCE_WITHIN_S:
        report.attendance.append(
            f"{what}: {measured_ms / 1000:.3f} s, the truth is {possible.least:.3f} to {possible.most:.3f} s"
        )


def note_doubt(report: Report, instants: Iterable[Between]) -> None:
    report.doubt_s = max([report.doubt_s, *(each.doubt for each in instants)])


def history(log: Sequence[Recorded], who: str, presence: Presence) -> str:
    """What the person knows and what the journal has, side by side: seconds since each one's beginning."""
    began = presence.stays[0][0].first
    lines = [f"── {who}"]
    for begin, end in presence.stays:
        lines.append(
            "there from {:.2f}…{:.2f} to {:.2f}…{:.2f}".format(
                *(x - began for x in (begin.first, begin.last, end.first, end.last))
            )
        )
    lines.append(f"unclear gaps: {presence.unclear}")
    mine = [each for each in log if getattr(each.event, "participant_id", None) == who]
    lines += [
        f"{(each.at_ms - mine[0].at_ms) / 1000:8.2f} {each.event}"
        for each in mine
        if "Conn" in each.event.type or "Participant" in each.event.type
    ]
    return "\n".join(lines)
