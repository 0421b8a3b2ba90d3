"""Workshop time against a machine whose wall clock jumps."""

from dataclasses import dataclass

from server.clock import SystemClock, WorkshopClock


@dataclass
class Machine:
    wall: int = 1_000_000
    monotonic: int = 50

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_ms(self) -> int:
        return self.monotonic

    def passes(self, ms: int, *, wall_jump: int = 0) -> None:
        self.monotonic += ms
        self.wall += ms + wall_jump


def test_time_begins_at_the_wall_clock_and_advances_with_the_monotonic_one() -> None:
    machine = Machine()
    clock = WorkshopClock(machine)
    assert clock.now_ms() == 1_000_000
    machine.passes(250)
    assert clock.now_ms() == 1_000_250


def test_a_jump_of_the_wall_clock_either_way_stretches_nothing() -> None:
    machine = Machine()
    clock = WorkshopClock(machine)
    for jump in (3_600_000, -7_200_000):
        before = clock.now_ms()
        machine.passes(1_000, wall_jump=jump)
        assert clock.now_ms() == before + 1_000


def test_a_workshop_whose_last_event_is_ahead_of_the_wall_clock_goes_on_from_there() -> None:
    machine = Machine()
    clock = WorkshopClock(machine, last_ms=1_500_000)
    assert clock.now_ms() == 1_500_000
    machine.passes(10)
    assert clock.now_ms() == 1_500_010


def test_the_real_clocks_are_in_milliseconds() -> None:
    clock = SystemClock()
    assert 1_700_000_000_000 < clock.wall_ms() < 10_000_000_000_000
    first = clock.monotonic_ms()
    assert clock.monotonic_ms() >= first
