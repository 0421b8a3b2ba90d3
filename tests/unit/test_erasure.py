"""Personal data is forgotten; what was counted, and what was published of it, stays."""

import json

import pytest

from rooms.codec import decode, encode, plain
from rooms.commands.breakouts import HandInWork, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Deny, SetLobby
from rooms.commands.people import Connect, Rename
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.rosters import ImportRoster
from rooms.commands.workshop import CloseWorkshop
from rooms.events.people import ParticipantLeft
from rooms.events.privacy import PersonalDataErased
from rooms.ids import API, ConnectionId, ParticipantId
from rooms.messages import ERASED
from rooms.views import all_keys, render
from rooms.workshop import evolve, initial_state
from server.publish.narrative import Options
from tests.erasing import erased, subjects_of
from tests.unit.test_narrative import published
from tests.unit.workshop_case import Workshop

OPEN = Options(home_page="https://learn.example", names=True, chat_text=True)


def rich() -> Workshop:
    """Ann in every place where a text of hers can stand."""
    case = Workshop()
    case.join("fay", "facilitator")
    roster = "email,name,attribute:phone\nann@example.org,Annabel Longname,0123456\nbo@example.org,Bo Rosterman,999"
    case.do("fay", ImportRoster(text=roster))
    case.do("fay", ImportRoster(text=roster))
    come = {"connection_id": ConnectionId("c"), "role": "learner"}
    case.do("ann", Connect(name="Annabel Longname", email="Ann@example.org", external_id="hr-17", **come))
    case.do("bo", Connect(name="Bo", email="bo@example.org", **come))
    case.do("ann", Rename(name="Annie Longname"))
    case.do("ann", Rename(name="Annabel Longname"))
    case.do("ann", PostMessage(channel="everyone", text="my number is 0123456"))
    case.do("bo", PostMessage(channel="everyone", text="hello there"))
    case.do("fay", OpenBreakouts(count=1))
    case.do("ann", HandInWork(title="Longname's poster", text="by Annabel", url="https://longname.example/"))
    return case


TRACES = ("Longname", "ann@example", "Ann@example", "hr-17", "0123456", "Annabel", "longname")


def test_PD2_with_a_person_go_the_entries_of_every_roster_that_name_them() -> None:
    case = rich()
    subjects = subjects_of(case.log, "ann")
    assert len(subjects) == 3
    assert "ann" in subjects
    entry = next(who for who in subjects_of(case.log, None) if who not in (*subjects, "fay", "bo"))
    assert subjects_of(case.log, entry)[0] == entry
    assert set(subjects_of(case.log, None)) >= {"fay", "ann", "bo", *subjects}
    assert subjects_of(case.log, "nobody") == ()


def test_PD2_somebody_who_was_never_let_in_can_be_erased_too() -> None:
    case = Workshop()
    case.join("fay", "facilitator")
    case.do("fay", SetLobby(on=True))
    case.join("ann")
    case.do("fay", Deny(participant_ids=(ParticipantId("ann"),)))
    assert subjects_of(case.log, "ann") == ("ann",)


def test_PD1_no_text_of_an_erased_person_is_left_in_any_record_or_published_event() -> None:
    case = rich()
    everything = json.dumps([encode(each.event) for each in case.log]) + json.dumps(published(case.log, OPEN))
    assert [trace for trace in TRACES if trace not in everything] == []
    log = erased(case.log, subjects_of(case.log, "ann"))
    state = initial_state()
    for recorded in log:
        state = evolve(state, recorded)
    records = [plain(shown[0]) for key in all_keys(state) if (shown := render(state, key)) is not None]
    left = json.dumps([encode(each.event) for each in log]) + json.dumps(records) + json.dumps(published(log, OPEN))
    assert [trace for trace in TRACES if trace in left] == []
    assert "Bo Rosterman" in left
    assert "hello there" in left


def test_PD3_what_was_published_keeps_its_ids_its_order_and_what_was_counted() -> None:
    case = rich()
    before = published(case.log, OPEN)
    after = published(erased(case.log, subjects_of(case.log, "ann")), OPEN)
    assert [each["id"] for each in after] == [each["id"] for each in before]
    for old, new in zip(before, after, strict=True):
        personal = ("display_name", "text", "title", "url")
        assert {**old, "data": None} == {**new, "data": None}
        assert {k: v for k, v in old["data"].items() if k not in personal} == {
            k: v for k, v in new["data"].items() if k not in personal
        }
    (posted,) = (each["data"] for each in after if each["data"].get("text") == ERASED and "channel" in each["data"])
    assert posted["length"] == len("my number is 0123456")


def test_PD1_people_are_erased_after_the_end_as_well() -> None:
    case = rich()
    case.do("fay", CloseWorkshop())
    assert case.do(API, ErasePersonalData(participant_id=ParticipantId("ann"))) == (
        PersonalDataErased(participant_id=ParticipantId("ann")),
    )
    assert case.replayed() == case.state


@pytest.mark.parametrize("who", ["ann", None])
def test_PD5_that_somebody_was_erased_is_published(who: str | None) -> None:
    case = rich()
    case.do(API, ErasePersonalData(participant_id=None if who is None else ParticipantId(who)))
    event = published(case.log)[-1]
    assert event["type"] == "org.atelier.personal_data.erased.v1"
    assert event["subject"] == ("workshop" if who is None else "participants/ann")
    assert (event["data"]["participant"] or {}).get("name") == who


def test_names_and_texts_are_published_only_where_the_server_is_set_to() -> None:
    case = rich()
    closed = Options(home_page="https://learn.example")
    private = json.dumps(published(case.log, closed))
    assert "Annabel Longname" not in private
    assert "my number" not in private
    renamed = [each["data"] for each in published(case.log, closed) if "renamed" in each["type"]]
    assert [each["display_name"] for each in renamed] == [None, None]


def test_a_message_of_the_first_version_gets_its_length_from_its_text() -> None:
    case = rich()
    posted = next(each.event for each in case.log if each.event.type == "MessagePosted")
    old = {**encode(posted), "v": 1}
    del old["length"]
    assert decode(old) == posted
    assert decode({**old, "text": ERASED}).length == 0  # type: ignore[union-attr]


def test_people_who_share_nothing_but_being_erased_are_not_taken_for_one() -> None:
    case = rich()
    log = erased(case.log, subjects_of(case.log, None))
    state = initial_state()
    for recorded in log:
        state = evolve(state, recorded)
    assert state.roster.entry_of == {}
    assert not any(isinstance(each.event, ParticipantLeft) for each in log)
