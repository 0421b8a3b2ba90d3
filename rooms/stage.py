"""Who asks to speak, what people send, and who may. Rules PE7, PE8 and ST in SPEC.md."""

from collections.abc import Iterable, Sequence

from rooms.commands import Stamp
from rooms.commands.people import LowerHand, RaiseHand, SetMedia
from rooms.commands.stage import AllowMedia, StopMedia
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.people import HandLowered, HandRaised, MediaChanged
from rooms.events.stage import MEDIA, Media, MediaAllowed, MediaForbidden
from rooms.feature import Feature
from rooms.ids import PLENARY
from rooms.people import known, participant_key, present, touch
from rooms.placing import hold_to_policy, may_send, people_in, send, sent_by
from rooms.roles import HOSTS
from rooms.state import Participant, WorkshopState


# ── decide: hands ────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_raise_hand(state: WorkshopState, _command: RaiseHand, stamp: Stamp) -> tuple[Event, ...]:
    if known(state, stamp.actor).hand_raised_seq is not None:
        return ()
    return (HandRaised(participant_id=stamp.actor),)


def decide_lower_hand(state: WorkshopState, command: LowerHand, stamp: Stamp) -> tuple[Event, ...]:
    whose = command.participant_id or stamp.actor
    if whose != stamp.actor and known(state, stamp.actor).role not in HOSTS:
        message = "Only a facilitator can lower somebody else's hand; you can lower your own."
        raise Rejected("not_allowed", message, rule="PE7")
    if known(state, whose).hand_raised_seq is None:
        return ()
    return (HandLowered(participant_id=whose),)


# ── decide: what people send ─────────────────────────────────────────────────────────────────────────────────────────
_NOUN: dict[Media, str] = {"mic": "microphone", "camera": "camera", "screen": "screen share"}


def decide_set_media(state: WorkshopState, command: SetMedia, stamp: Stamp) -> tuple[Event, ...]:
    person = known(state, stamp.actor)
    asked: dict[Media, bool] = {"mic": command.mic, "camera": command.camera, "screen": command.screen}
    wanted = frozenset(media for media, on in asked.items() if on)
    before = sent_by(person)
    if wanted == before:
        return ()
    for media in sorted(wanted - may_send(state, person)):
        message = f"A facilitator has switched off your {_NOUN[media]}; you can switch it on when they allow it again."
        raise Rejected(f"{media}_not_allowed", message, rule="ST2")
    ended: tuple[Event, ...] = ()
    shown_by = state.rooms[person.room_id].screen_id
    if "screen" in wanted - before and shown_by is not None:
        if person.role not in HOSTS:
            other = state.participants[shown_by].name
            message = f"{other} is showing a screen already; one at a time can be shown in a room."
            raise Rejected("screen_taken", message, rule="ST6")
        ended = (_change(state.participants[shown_by], sent_by(state.participants[shown_by]) - {"screen"}),)
    return (*ended, _change(person, wanted))


def decide_stop(state: WorkshopState, command: StopMedia, stamp: Stamp) -> tuple[Event, ...]:
    media = _media(command.media)
    if command.participant_ids is None:
        people: Sequence[Participant] = [p for p in people_in(state, PLENARY) if p.role not in HOSTS]
    else:
        people = [present(state, who, rule="ST1") for who in dict.fromkeys(command.participant_ids)]
    # Not what stops by itself when it is forbidden: the change and the prohibition would say it twice.
    stopped = [_change(person, sent_by(person) - media) for person in people if sent_by(person) & media]
    if command.may_restart:
        return tuple(stopped)
    listed = tuple(sorted(media))
    if command.participant_ids is None:
        forbidden: list[Event] = [] if media <= state.forbidden else [MediaForbidden(media=listed)]
    else:
        for person in people:
            if person.role in HOSTS:
                message = f"{person.name} is a facilitator and may always switch on again; change the role first."
                raise Rejected("not_allowed", message, rule="ST2")
        forbidden = [
            MediaForbidden(participant_id=person.participant_id, media=listed)
            for person in people
            if not media <= person.forbidden
        ]
    return (*stopped, *forbidden)


def decide_allow(state: WorkshopState, command: AllowMedia, _stamp: Stamp) -> tuple[Event, ...]:
    listed = tuple(sorted(_media(command.media)))
    if command.participant_ids is None:
        return (MediaAllowed(media=listed),)
    people = [known(state, who) for who in dict.fromkeys(command.participant_ids)]
    return tuple(
        MediaAllowed(participant_id=person.participant_id, media=listed)
        for person in people
        if not (person.granted.issuperset(listed) and person.forbidden.isdisjoint(listed))
    )


def _media(media: tuple[Media, ...]) -> frozenset[Media]:
    if not media:
        raise Rejected("media_missing", f"Say which media are meant, of {', '.join(sorted(MEDIA))}.", rule="ST1")
    return frozenset(media)


def _change(person: Participant, sent: frozenset[Media]) -> MediaChanged:
    return MediaChanged(
        participant_id=person.participant_id, mic="mic" in sent, camera="camera" in sent, screen="screen" in sent
    )


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_hand_raised(state: WorkshopState, event: HandRaised, recorded: Recorded) -> None:
    state.participants[event.participant_id].hand_raised_seq = recorded.seq


def evolve_hand_lowered(state: WorkshopState, event: HandLowered, _recorded: Recorded) -> None:
    state.participants[event.participant_id].hand_raised_seq = None


def evolve_media(state: WorkshopState, event: MediaChanged, _recorded: Recorded) -> None:
    on: dict[Media, bool] = {"mic": event.mic, "camera": event.camera, "screen": event.screen}
    send(state, state.participants[event.participant_id], frozenset(media for media, yes in on.items() if yes))


def evolve_forbidden(state: WorkshopState, event: MediaForbidden, _recorded: Recorded) -> None:
    for person in _meant(state, event):
        person.granted.difference_update(event.media)
        if event.participant_id is not None:
            person.forbidden.update(event.media)
    if event.participant_id is None:
        state.forbidden.update(event.media)
    for person in _meant(state, event):
        if not person.left:
            hold_to_policy(state, person)


def evolve_allowed(state: WorkshopState, event: MediaAllowed, _recorded: Recorded) -> None:
    if event.participant_id is None:
        state.forbidden.difference_update(event.media)
    for person in _meant(state, event):
        person.forbidden.difference_update(event.media)
        if event.participant_id is not None:
            person.granted.update(event.media)


def _meant(state: WorkshopState, event: MediaForbidden | MediaAllowed) -> Iterable[Participant]:
    if event.participant_id is None:
        return state.participants.values()
    return (state.participants[event.participant_id],)


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_policy(state: WorkshopState, event: MediaForbidden | MediaAllowed) -> Iterable[str]:
    if event.participant_id is not None:
        return (participant_key(event.participant_id),)
    return ("workshop", *map(participant_key, state.participants))


FEATURE = Feature(
    deciders={
        RaiseHand: decide_raise_hand,
        LowerHand: decide_lower_hand,
        SetMedia: decide_set_media,
        StopMedia: decide_stop,
        AllowMedia: decide_allow,
    },
    evolvers={
        HandRaised: evolve_hand_raised,
        HandLowered: evolve_hand_lowered,
        MediaChanged: evolve_media,
        MediaForbidden: evolve_forbidden,
        MediaAllowed: evolve_allowed,
    },
    touched={
        HandRaised: touch,
        HandLowered: touch,
        MediaChanged: touch,
        MediaForbidden: touch_policy,
        MediaAllowed: touch_policy,
    },
    renderers={},
    keys=lambda _state: (),
)
