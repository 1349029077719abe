"""CPython's process pools at the same work as measure.cpp: one JSON object on standard output."""

import concurrent.futures
import json
import multiprocessing
import time


def same(number):
    return number


def timed(count, body):
    start = time.perf_counter()
    body()
    return (time.perf_counter() - start) / count


def private_memory(pid):
    """Bytes that are this process's own."""
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        sizes = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
    return 1024 * sum(sizes)


def main():
    measured = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        list(pool.map(same, range(100)))
        measured["executor chunk 1"] = timed(3000, lambda: list(pool.map(same, range(3000))))
        measured["executor chunk 64"] = timed(
            64000, lambda: list(pool.map(same, range(64000), chunksize=64)))
        measured["executor round trip"] = timed(
            500, lambda: [pool.submit(same, 1).result() for _ in range(500)])
        measured["executor memory"] = private_memory(next(iter(pool._processes)))
    with multiprocessing.Pool(2) as pool:
        pool.map(same, range(100))
        measured["pool chunk 1"] = timed(10000, lambda: pool.map(same, range(10000), chunksize=1))
        measured["pool chunk 64"] = timed(
            128000, lambda: pool.map(same, range(128000), chunksize=64))
        measured["pool round trip"] = timed(500, lambda: [pool.apply(same, (1,)) for _ in range(500)])
        measured["pool memory"] = private_memory(pool._pool[0].pid)
    touched = bytearray(256 << 20)
    for offset in range(0, len(touched), 4096):
        touched[offset] = 1
    measured["pool start"] = timed(1, lambda: start_one(2))
    print(json.dumps(measured))


def start_one(workers):
    with multiprocessing.Pool(workers) as pool:
        pool.map(same, range(workers), chunksize=1)


if __name__ == "__main__":
    main()
