"""A task ends also where a cancellation was swallowed."""

import asyncio

import pytest

from server import tasks


async def test_a_task_that_swallowed_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    swallowed = 0

    async def loop() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if swallowed == 2:
                    raise
                swallowed += 1

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await tasks.ended(task)
    assert (swallowed, task.cancelled()) == (2, True)


async def test_a_task_that_has_ended_is_left_alone() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    await tasks.ended(task)
    assert not task.cancelled()
