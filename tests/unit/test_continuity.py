"""Workshops' clocks over the death of the process, against a machine whose wall clock jumps."""

from pathlib import Path

from rooms.ids import ConnectionId, WorkshopId
from server.continuity import Continuity
from tests.unit.test_clock import Machine

W, OTHER = WorkshopId("w"), WorkshopId("other")
HOUR_MS = 3_600_000


async def begun(machine: Machine, folder: Path, boot: str = "boot-1") -> Continuity:
    continuity = Continuity(machine, folder, boot=boot)
    await continuity.start()
    return continuity


async def killed(continuity: Continuity) -> None:
    """What is left of it is what a killed process leaves: nothing is written at its end."""
    assert continuity._task is not None
    continuity._task.cancel()


async def test_the_time_goes_on_over_a_kill_whatever_the_wall_clock_does_and_the_last_beat_is_known(
    tmp_path: Path,
) -> None:
    for jump in (HOUR_MS, -HOUR_MS):
        machine, folder = Machine(), tmp_path / str(jump)
        folder.mkdir()
        first = await begun(machine, folder)
        clock, alive_ms = first.resume(W, 0, lively=True)
        assert alive_ms is None
        machine.passes(10_000)
        first._beat()
        before = clock.now_ms()
        machine.passes(1_000)
        await killed(first)
        machine.passes(3_000, wall_jump=jump)
        second = await begun(machine, folder)
        clock, alive_ms = second.resume(W, before - 5_000, lively=True)
        assert clock.now_ms() == before + 4_000
        assert alive_ms == before
        assert second.resume(W, before, lively=True)[1] == before, "it may be loaded twice before that is stored"
        second.dropped(W)
        assert second.resume(W, before, lively=True)[1] is None, "this process has had it since"
        await second.close()


async def test_where_nobody_is_the_wall_clock_is_looked_at_again(tmp_path: Path) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    first.resume(W, 0, lively=True)
    await first.close()
    machine.passes(1_000, wall_jump=HOUR_MS)
    second = await begun(machine, tmp_path)
    clock, alive_ms = second.resume(W, 500, lively=False)
    assert (clock.now_ms(), alive_ms) == (machine.wall, None)
    await second.close()


async def test_after_a_start_of_the_machine_or_with_files_of_nonsense_the_wall_clock_counts(tmp_path: Path) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    first.resume(W, 0, lively=True)
    await first.close()
    machine.passes(1_000, wall_jump=HOUR_MS)
    rebooted = await begun(machine, tmp_path, boot="boot-2")
    assert rebooted.resume(W, 0, lively=True)[0].now_ms() == machine.wall
    await rebooted.close()
    with (tmp_path / "clocks").open("ab") as file:
        file.write(b"\xff\xff garbage\nother 12")  # the last line is cut off, and a number all the same
    (tmp_path / "alive").write_bytes(b"?")
    third = await begun(machine, tmp_path, boot="boot-2")
    clock, alive_ms = third.resume(W, 0, lively=True)
    assert (clock.now_ms(), alive_ms) == (machine.wall, None)
    await third.close()


async def test_the_time_never_runs_backwards_and_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    first.resume(W, 0, lively=True)
    await first.close()
    second = await begun(machine, tmp_path)
    assert second.resume(W, machine.wall + 7_000, lively=True)[0].now_ms() == machine.wall + 7_000
    await second.close()
    nowhere = await begun(machine, tmp_path / "missing")
    assert nowhere.resume(W, 0, lively=True)[0].now_ms() == machine.wall
    await nowhere.close()


async def test_connections_that_ended_while_the_store_was_away_are_known_to_the_next_process(tmp_path: Path) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    clock, _ = first.resume(W, 0, lively=True)
    machine.passes(5_000)
    first.note_lost(ConnectionId("c_1"), 2_000)
    lost_ms = clock.now_ms() - 2_000
    first._beat()
    await killed(first)
    machine.passes(9_000, wall_jump=HOUR_MS)
    second = await begun(machine, tmp_path)
    clock, _ = second.resume(W, 0, lively=True)
    assert [(each.connection_id, each.at_ms) for each in second.lost_before(clock)] == [("c_1", lost_ms)]
    await second.close()
    rebooted = await begun(machine, tmp_path, boot="boot-2")
    assert rebooted.lost_before(clock) == ()
    await rebooted.close()


async def test_a_process_that_dies_before_it_could_store_who_is_gone_hands_the_earlier_death_on(tmp_path: Path) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    clock, _ = first.resume(W, 0, lively=True)
    first.resume(OTHER, 0, lively=True)
    machine.passes(5_000)
    first.note_lost(ConnectionId("c_1"), 2_000)
    first._beat()
    died_ms = clock.now_ms()
    await killed(first)
    machine.passes(60_000)
    second = await begun(machine, tmp_path)
    second.resume(W, 0, lively=True)  # the store is away
    second.note_lost(ConnectionId("c_2"), 0)
    second.resume(OTHER, 0, lively=True)
    second.dropped(OTHER)
    machine.passes(30_000)
    second._beat()
    await killed(second)
    machine.passes(5_000)
    third = await begun(machine, tmp_path)
    clock, alive_ms = third.resume(W, 0, lively=True)
    assert alive_ms == died_ms
    assert third.resume(OTHER, 0, lively=True)[1] == died_ms + 90_000
    lost = [(each.connection_id, each.at_ms) for each in third.lost_before(clock)]
    assert lost == [("c_1", died_ms - 2_000), ("c_2", died_ms + 60_000)]
    await third.close()


async def test_a_process_that_starts_while_the_disk_is_full_does_not_take_the_earlier_death_away(
    tmp_path: Path,
) -> None:
    machine = Machine()
    first = await begun(machine, tmp_path)
    clock, _ = first.resume(W, 0, lively=True)
    first._beat()
    died = clock.now_ms()
    await killed(first)
    (tmp_path / "clocks.new").mkdir()  # nothing new can be written
    for room_again in (False, True):
        machine.passes(5_000)
        second = await begun(machine, tmp_path)
        assert second.resume(W, died, lively=True)[1] == died
        machine.passes(5_000)
        if room_again:
            (tmp_path / "clocks.new").rmdir()
        second._beat()
        await killed(second)
    machine.passes(5_000)
    third = await begun(machine, tmp_path)
    assert third.resume(W, died, lively=True)[1] == died
    third.dropped(W)
    third._beat()
    last = clock.now_ms()
    await killed(third)
    fourth = await begun(machine, tmp_path)
    assert fourth.resume(W, died, lively=True)[1] == last
    await fourth.close()
