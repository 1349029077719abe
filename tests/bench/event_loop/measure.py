"""Switches and sleeps of asyncio, in seconds each, as JSON: for `./course bench loop`."""

import asyncio
import json
import sys
import time

TASKS, TURNS, SLEEPERS = 100, 200, 100_000


async def switches():
    async def job():
        for _ in range(TURNS):
            await asyncio.sleep(0)

    jobs = [asyncio.ensure_future(job()) for _ in range(TASKS)]
    start = time.perf_counter()
    await asyncio.gather(*jobs)
    return (time.perf_counter() - start) / (TASKS * TURNS)


async def sleeps():
    start = time.perf_counter()
    await asyncio.gather(*(asyncio.sleep(1) for _ in range(SLEEPERS)))
    return (time.perf_counter() - start - 1) / SLEEPERS


json.dump(
    {"asyncio switch": asyncio.run(switches()), "asyncio sleep": asyncio.run(sleeps())}, sys.stdout
)
