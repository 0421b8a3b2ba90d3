"""Who gets what beyond their own room: listening to a further room, a voice in all rooms. The router alone."""

from server.media.router import Endpoint, Router
from server.media.values import Binding, Tile
from tests.unit.test_media_policy import SLOTS, heard, room_of, seen, settle


def put(router: Router, *names: str, room: str = "two") -> None:
    for name in names:
        router.add(Endpoint(name=name, slots=SLOTS, sends={"mic", "camera", "screen", "screen_audio"}))
        router.place(name, room)
    settle(router, room)


def test_a_listener_hears_and_sees_the_further_room_which_does_not_notice() -> None:
    router = room_of("fay", "ann")
    put(router, "bob", "cid")
    router.listen("fay", ["two"])
    assert set(settle(router, "one", "two")) == {"fay"}
    assert heard(router, "fay") == {"ann", "bob", "cid"}
    assert seen(router, "fay") <= {"ann", "bob", "cid"}
    assert heard(router, "bob") == {"cid"}
    assert heard(router, "ann") == {"fay"}
    viewer = router.endpoint("fay")
    viewer.tiles = [
        Tile(endpoint=who, media=what, width=100, height=60) for who, what in (("cid", "camera"), ("bob", "screen"))
    ]
    router.set_active("bob", ["screen"])
    settle(router, "two")
    assert seen(router, "fay") == {"cid"}
    assert viewer.bindings["s"] == Binding("bob", "screen")
    router.listen("fay", [])
    settle(router, "one")
    assert heard(router, "fay") == {"ann"}
    assert viewer.bindings["s"] is None


def test_a_listener_to_several_rooms_has_all_of_them_until_it_leaves_one() -> None:
    router = room_of("fay")
    put(router, "bob")
    put(router, "cid", room="three")
    put(router, "dan", room="four")
    router.listen("fay", ["two", "three"])
    settle(router, "one")
    assert heard(router, "fay") == seen(router, "fay") == {"bob", "cid"}
    assert heard(router, "bob") == heard(router, "cid") == set()
    put(router, "eve", room="three")
    assert heard(router, "fay") == {"bob", "cid", "eve"}
    router.listen("fay", ["three"])
    settle(router, "one")
    assert heard(router, "fay") == {"cid", "eve"}
    settle(router, *router.place("cid", "two"))
    assert heard(router, "fay") == {"eve"}


def test_whoever_speaks_in_one_of_many_rooms_listened_to_is_heard() -> None:
    router = room_of("fay")
    rooms = [f"room {number}" for number in range(6)]
    for room in rooms:
        put(router, f"{room} a", f"{room} b", room=room)
    router.listen("fay", rooms)
    for speaking in (3, 0, 5, 1, 4, 2):
        for number, room in enumerate(rooms):
            names = (f"{room} a", f"{room} b")
            for _ in range(20):
                router.speakers[room].update(dict.fromkeys(names, 0.0))
            router.speakers[room].update({names[0]: 0.0, names[1]: 100.0 if number == speaking else 0.0})
        settle(router, *rooms, "one")
        assert f"room {speaking} b" in heard(router, "fay")


def test_a_pause_costs_whoever_spoke_in_a_further_room_no_slot() -> None:
    router = room_of("fay")
    rooms = [f"room {number}" for number in range(6)]
    for room in rooms:
        put(router, f"{room} a", room=room)
    router.listen("fay", rooms)
    router.speakers["room 5"].update({"room 5 a": 100.0})
    settle(router, *rooms)
    assert "room 5 a" in heard(router, "fay")
    for _ in range(20):
        router.speakers["room 5"].update({"room 5 a": 0.0})
    assert not router.speakers["room 5"].speaking
    settle(router, *rooms)
    assert "room 5 a" in heard(router, "fay")


def test_a_listener_to_two_crowds_gets_the_loudest_of_both() -> None:
    router = room_of("fay", *"abcd")
    put(router, *"stuv")
    router.listen("fay", ["two"])
    for _ in range(10):
        router.speakers["one"].update({"fay": 0, "a": 90, "b": 0, "c": 0, "d": 0})
        router.speakers["two"].update({"s": 0, "t": 90, "u": 80, "v": 0})
    settle(router, "one", "two")
    assert {"a", "t"} <= heard(router, "fay")
    assert len(heard(router, "fay")) == 3


def test_whoever_speaks_in_two_small_rooms_is_heard_by_the_one_who_listens() -> None:
    router = room_of("fay", "ann", "bea")
    put(router, *"stuv")
    router.listen("fay", ["two"])
    here, there = {"fay": 0.0, "ann": 0.0, "bea": 0.0}, dict.fromkeys("stuv", 0.0)
    for speaker in ("v", "bea", "u", "s", "ann", "t"):
        for _ in range(20):
            router.speakers["one"].update(here)
            router.speakers["two"].update(there)
        router.speakers["one"].update({name: 100.0 if name == speaker else 0.0 for name in here})
        router.speakers["two"].update({name: 100.0 if name == speaker else 0.0 for name in there})
        settle(router, "one", "two")
        assert speaker in heard(router, "fay")


def test_beside_a_voice_to_all_rooms_whoever_speaks_is_heard() -> None:
    router = room_of(*"abcd")
    put(router, "fay", room="two")
    router.voice("fay", frozenset({"one"}))
    for speaker in "dbca":
        for _ in range(20):
            router.speakers["one"].update(dict.fromkeys("abcd", 0.0) | {"fay": 100.0})
        router.speakers["one"].update(dict.fromkeys("abcd", 0.0) | {"fay": 100.0, speaker: 90.0})
        settle(router, "one")
        for name in "abcd":
            assert "fay" in heard(router, name)
            assert name == speaker or speaker in heard(router, name)


def test_a_listener_stays_one_when_its_own_room_changes_and_when_the_further_one_is_empty() -> None:
    router = room_of("fay", "ann")
    router.listen("fay", ["two"])
    settle(router, *router.place("fay", "three"))
    assert heard(router, "fay") == set()
    settle(router, *router.place("ann", "two"))
    assert heard(router, "fay") == {"ann"}
    assert heard(router, "ann") == set()
    settle(router, *router.place("fay", "two"))
    assert heard(router, "ann") == {"fay"}
    assert heard(router, "fay") == {"ann"}


def test_a_voice_to_all_rooms_has_the_first_slot_everywhere_and_hears_only_its_own() -> None:
    router = room_of("fay", "ann")
    put(router, "bob", "cid", "dan", "eve", "gil")
    settle(router, *router.voice("fay", frozenset({"one", "two"})))
    for name in ("ann", "bob", "cid", "dan", "eve", "gil"):
        assert "fay" in heard(router, name)
        assert len(heard(router, name)) <= 3
    assert heard(router, "fay") == {"ann"}
    assert list(router.voices("two")) == ["fay"]
    assert list(router.voices("one")) == []
    settle(router, *router.place("fay", "two"))
    assert "fay" in heard(router, "ann")
    settle(router, *router.voice("fay", frozenset()))
    assert heard(router, "ann") == set()


def test_who_is_gone_is_heard_and_listens_nowhere() -> None:
    router = room_of("fay", "ann")
    put(router, "bob")
    router.listen("fay", ["two"])
    router.voice("fay", frozenset({"two"}))
    settle(router, "two")
    router.remove("fay")
    assert list(router.voices("two")) == []
    assert [each.name for each in router.audience("two")] == ["bob"]
    settle(router, "two")
    assert heard(router, "bob") == set()
