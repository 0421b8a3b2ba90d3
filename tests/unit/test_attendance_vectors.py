"""What a client must work out of the attendance records at a moment, as vectors that the client's tests read, too.

`ATELIER_WRITE_VECTORS=1` writes them anew.
"""

import json
import os
from pathlib import Path
from typing import Any

from rooms.attendance import report_of
from rooms.codec import plain
from rooms.commands.attendance import CorrectAttendance, SumSpeech
from rooms.commands.breakouts import CloseBreakouts, OpenBreakouts
from rooms.commands.people import Disconnect, Leave
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.commands.workshop import CloseWorkshop
from rooms.events.attendance import Spoken
from rooms.ids import SYSTEM, ConnectionId, ParticipantId
from rooms.views import render
from tests.unit.test_attendance import workshop
from tests.unit.workshop_case import Workshop

FILE = Path(__file__).parents[1] / "vectors" / "attendance.json"


def vector(name: str, made: Workshop, who: str) -> dict[str, Any]:
    record, session = render(made.state, f"attendance:{who}"), render(made.state, "attendance_session")
    found = report_of(made.state, ParticipantId(who), made.now_ms)
    assert record is not None
    assert session is not None
    assert found is not None
    return {
        "name": name,
        "record": plain(record[0]),
        "session": plain(session[0]),
        "role": found.role,
        "now_ms": made.now_ms,
        "expected": {
            "present_ms": found.present_ms,
            "session_ms": found.session_ms,
            "breakout_ms": found.breakout_ms,
            "polls": plain(found.polls),
            "works": plain(found.works),
            "reviews": plain(found.reviews),
            "percent": found.percent,
            "verdict": found.verdict,
        },
    }


def vectors() -> list[dict[str, Any]]:
    found = []
    made = workshop(activities_percent=50, spoken_ms=5_000)
    made.join("ann")
    made.wait(30_000)
    found.append(vector("before the session", made, "ann"))
    made.join("fay", "facilitator")
    for who in ("bob", "cid"):
        made.join(who)
    made.join("obi", "observer")
    made.wait(60_000)
    found.append(vector("asked to speak", made, "ann"))
    made.do(SYSTEM, SumSpeech(spoken=(Spoken(participant_id=ParticipantId("ann"), ms=5_500),)))
    found.append(vector("has spoken", made, "ann"))
    for anonymous in (False, True, False):
        made.do("fay", CreatePoll(question="?", options=("a", "b"), anonymous=anonymous))
        made.do("fay", OpenPoll(poll_id=list(made.state.polls)[-1]))
        made.wait(1_000)
    polls = list(made.state.polls.values())
    found.append(vector("polls are open", made, "ann"))
    found.append(vector("an observer is not asked", made, "obi"))
    made.do("ann", CastBallot(poll_id=polls[0].poll_id, option_ids=(polls[0].content.options[0].option_id,)))
    made.do("fay", ClosePoll(poll_id=polls[0].poll_id))
    found.append(vector("one of two is answered", made, "ann"))
    made.do("fay", OpenBreakouts(count=2))
    made.wait(20_000)
    found.append(vector("in a breakout room", made, "ann"))
    made.do("fay", CloseBreakouts())
    made.wait(5_000)
    found.append(vector("back from it", made, "ann"))
    made.do("bob", Disconnect(connection_id=ConnectionId("c_bob")))
    made.wait(30_000)
    found.append(vector("the connection is lost", made, "bob"))
    made.join("bob")
    made.wait(1_000)
    found.append(vector("and back", made, "bob"))
    made.do("cid", Leave())
    made.wait(200_000)
    found.append(vector("who left", made, "cid"))
    made.do("fay", CorrectAttendance(participant_id=ParticipantId("cid"), session_ms=290_000, text="By phone."))
    found.append(vector("corrected time", made, "cid"))
    made.do("fay", CorrectAttendance(participant_id=ParticipantId("cid"), verdict="present"))
    found.append(vector("corrected verdict", made, "cid"))
    made.do("fay", CloseWorkshop())
    found.append(vector("after the end", made, "ann"))
    made = workshop(expected_ms=100_000)
    made.crowd(1)
    made.wait(20_000)
    found.append(vector("of an expected length", made, "l0"))
    made.wait(200_000)
    found.append(vector("beyond the expected length", made, "l0"))
    return found


def test_the_clients_vectors_are_fresh() -> None:
    fresh = json.loads(json.dumps(vectors()))
    if os.environ.get("ATELIER_WRITE_VECTORS"):
        FILE.write_text(json.dumps(fresh, indent=1) + "\n")
    assert json.loads(FILE.read_text()) == fresh, "run this test with ATELIER_WRITE_VECTORS=1"
