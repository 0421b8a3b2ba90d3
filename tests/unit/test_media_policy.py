"""Who gets what: router, slots, speakers."""

from collections.abc import Mapping

from server.media.router import Endpoint, Router
from server.media.slots import assign
from server.media.speakers import Speakers
from server.media.values import Binding, Tile

SLOTS: Mapping[str, tuple[str, ...]] = {
    "audio": ("a1", "a2", "a3"),
    "video": ("v1", "v2"),
    "screen": ("s",),
    "screen_audio": ("t",),
}


def room_of(*names: str, room: str = "one") -> Router:
    router = Router()
    for name in names:
        router.add(Endpoint(name=name, slots=SLOTS, sends={"mic", "camera", "screen", "screen_audio"}))
        router.place(name, room)
    settle(router, room)
    return router


def settle(router: Router, *rooms: str) -> dict[str, dict[str, Binding | None]]:
    return {endpoint.name: changed for room in rooms for endpoint, changed in router.settle(room)}


def heard(router: Router, name: str) -> set[str]:
    return _carried(router, name, "mic")


def seen(router: Router, name: str) -> set[str]:
    return _carried(router, name, "camera")


def _carried(router: Router, name: str, medium: str) -> set[str]:
    endpoint = router.get(name)
    assert endpoint is not None
    return {binding.endpoint for binding in endpoint.bindings.values() if binding and binding.media == medium}


def test_a_slot_keeps_what_is_still_wanted() -> None:
    a, b, c, d = (Binding(name, "camera") for name in "abcd")
    assert assign(("1", "2", "3"), {"1": b, "2": a, "3": None}, [a, b, c, d]) == {"1": b, "2": a, "3": c}
    assert assign(("1", "2"), {"1": b, "2": a}, [c, a]) == {"1": c, "2": a}
    assert assign(("1", "2"), {"1": b, "2": a}, []) == {"1": None, "2": None}
    assert assign((), {}, [a]) == {}


def test_a_room_of_four_is_bound_one_to_one_and_a_move_changes_the_two_rooms_only() -> None:
    router = room_of("ann", "bob", "cid", "dan")
    assert heard(router, "ann") == {"bob", "cid", "dan"}
    assert settle(router, "one") == {}
    rooms = router.place("dan", "two")
    changed = settle(router, *rooms)
    assert rooms == {"one", "two"}
    assert set(changed) == {"ann", "bob", "cid", "dan"}
    assert heard(router, "dan") == set()
    assert heard(router, "ann") == {"bob", "cid"}
    router.remove("cid")
    settle(router, "one")
    assert heard(router, "ann") == {"bob"}


def test_a_larger_room_hears_the_loudest_and_they_stay() -> None:
    router = room_of(*"abcdef")
    for _ in range(10):
        router.speakers["one"].update({"a": 90, "b": 85, "c": 80, "d": 0, "e": 0, "f": 0})
    settle(router, "one")
    assert {"a", "b", "c"} <= heard(router, "f") | {"f"}
    assert len(heard(router, "f")) == 3
    assert heard(router, "a") >= {"b", "c"}
    router.speakers["one"].update({"a": 90, "b": 85, "c": 80, "d": 82, "e": 0, "f": 0})
    router.speakers["one"].update({"a": 90, "b": 85, "c": 80, "d": 0, "e": 0, "f": 0})
    settle(router, "one")
    assert heard(router, "f") >= {"a", "b", "c"}


def test_whoever_speaks_in_a_larger_room_is_heard_by_everybody_else() -> None:
    names = "abcdefghij"
    router = room_of(*names)
    silent = dict.fromkeys(names, 0.0)
    for speaker in (*names, *reversed(names)):
        for _ in range(20):  # two seconds of silence
            router.speakers["one"].update(silent)
        router.speakers["one"].update(silent | {speaker: 100.0})
        settle(router, "one")
        deaf = [name for name in names if name != speaker and speaker not in heard(router, name)]
        assert not deaf, f"{speaker} is not heard by {deaf}"


def test_of_five_who_speak_everybody_hears_the_loudest_three_others_and_that_stays() -> None:
    names = "abcdefgh"
    router = room_of(*names)
    loudness = dict(zip(names, (71.0, 80.0, 90.0, 100.0, 110.0, 0.0, 0.0, 0.0), strict=True))
    for _ in range(10):
        router.speakers["one"].update(loudness)
    settle(router, "one")
    assert {name: heard(router, name) for name in "abfgh"} == {name: {"c", "d", "e"} for name in "abfgh"}
    assert heard(router, "e") == {"b", "c", "d"}
    loudness |= {"b": 94.0, "a": 85.0}
    for _ in range(10):
        router.speakers["one"].update(loudness)
    settle(router, "one")
    assert heard(router, "f") == {"c", "d", "e"}, "b is not clearly louder"


def test_viewers_with_fewer_slots_take_nobody_from_those_with_more() -> None:
    names = "abcdefgh"
    router = room_of(*names)
    router.add(Endpoint(name="z", slots={"audio": ("a1",)}, sends={"mic"}))
    router.place("z", "one")
    router.speakers["one"].update(dict.fromkeys(names, 0.0) | {"d": 100.0, "e": 95.0, "f": 90.0})
    settle(router, "one")
    assert heard(router, "z") == {"d"}
    assert settle(router, "one") == {}
    assert heard(router, "a") == {"d", "e", "f"}


def test_video_follows_what_the_viewer_shows_in_its_order() -> None:
    router = room_of(*"abcd")
    viewer = router.get("a")
    assert viewer is not None
    viewer.tiles = [Tile(endpoint=name, media="camera", width=100, height=60) for name in "dcb"]
    settle(router, "one")
    assert seen(router, "a") == {"d", "c"}
    viewer.tiles = [
        Tile(endpoint="b", media="camera", width=100, height=60),
        Tile(endpoint="c", media="camera", width=0, height=0),
    ]
    settle(router, "one")
    assert seen(router, "a") == {"b"}
    viewer.tiles = [Tile(endpoint="nobody", media="camera", width=9, height=9)]
    settle(router, "one")
    assert seen(router, "a") == set()


def test_the_screen_started_last_is_shown_to_the_others() -> None:
    router = room_of("ann", "bob", "cid")
    router.set_active("ann", ["screen"])
    settle(router, "one")
    router.set_active("bob", ["screen"])
    settle(router, "one")
    cid, bob = router.get("cid"), router.get("bob")
    assert cid is not None
    assert bob is not None
    assert cid.bindings["s"] == Binding("bob", "screen")
    assert bob.bindings["s"] == Binding("ann", "screen")
    router.set_active("bob", [])
    settle(router, "one")
    assert cid.bindings["s"] == Binding("ann", "screen")


def test_who_has_a_slot_is_the_same_however_many_are_beside_it() -> None:
    """What is worked out once for all viewers of a room leaves each of them out of what they get themselves."""
    router = room_of(*"abcde")
    router.speakers["one"].update(dict.fromkeys("abcde", 0.0) | {"a": 100.0, "b": 95.0, "c": 90.0, "d": 85.0})
    settle(router, "one")
    assert {name: heard(router, name) for name in "ade"} == {"a": set("bcd"), "d": set("abc"), "e": set("abc")}
    assert {name: len(seen(router, name)) for name in "abcde"} == dict.fromkeys("abcde", 2)


def test_a_screen_that_is_not_shown_is_not_sent_and_its_sound_is() -> None:
    router = room_of("ann", "bob", "cid")
    for name in ("ann", "bob"):
        router.set_active(name, ["screen", "screen_audio"])
    viewer = router.endpoint("cid")
    for tiles, seen_of, heard_of in (
        ([Tile(endpoint="bob", media="screen", width=9, height=9)], "bob", "bob"),
        ([Tile(endpoint="ann", media="screen", width=9, height=9)], "ann", "ann"),
        ([Tile(endpoint="bob", media="camera", width=9, height=9)], None, "bob"),
        ([Tile(endpoint="bob", media="screen", width=0, height=0)], None, "bob"),
        ([], None, "bob"),
    ):
        viewer.tiles = tiles
        settle(router, "one")
        assert viewer.bindings["s"] == (seen_of and Binding(seen_of, "screen"))
        assert viewer.bindings["t"] == Binding(heard_of, "screen_audio")


def test_a_first_syllable_counts_at_once_and_a_pause_does_not() -> None:
    speakers = Speakers()
    assert speakers.update({"a": 100.0, "b": 10.0}) is True
    assert list(speakers.speaking) == ["a"]
    for _ in range(3):  # a pause of 300 ms
        speakers.update({"a": 0.0, "b": 10.0})
    assert list(speakers.speaking) in (["a"], [])
    for _ in range(30):
        speakers.update({"a": 0.0, "b": 10.0})
    assert list(speakers.speaking) == []
    assert list(speakers.recent) == ["a"]
