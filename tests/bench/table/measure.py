"""One cell of the table in Python: prints the seconds that it took, and those of the processors.

usage: measure.py WORK WAY TASKS WORKERS
"""

import asyncio
import multiprocessing
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

THREADS_IN_A_WORKER = 4


def read_random(_):
    with open("/dev/urandom", "rb") as file:
        return file.read(100)


def sum_squares(_):
    return sum(i * i for i in range(10**4))


def read_and_sum(number):
    return read_random(number)[0] + sum_squares(number)


def read_in_a_pool_and_sum(number):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(read_random, number).result()[0] + sum_squares(number)


WORKS = {"io": read_random, "cpu": sum_squares, "mixed": read_and_sum}


def serial(task, items, _):
    return [task(item) for item in items]


def thread_per_task(task, items, _):
    results = [None] * len(items)

    def one(i):
        results[i] = task(items[i])

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(items))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def threads(task, items, workers):
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(task, item) for item in items]
        return [future.result() for future in futures]


def processes(task, items, workers):
    with multiprocessing.Pool(workers) as pool:
        calls = [pool.apply_async(task, (item,)) for item in items]
        results = [call.get() for call in calls]
        pool.close()
        pool.join()  # its processor time is known only then
        return results


def in_a_loop(executor, task, items):
    async def all_of_them():
        loop = asyncio.get_running_loop()
        return await asyncio.gather(*(loop.run_in_executor(executor, task, item) for item in items))

    with executor:
        return asyncio.run(all_of_them())


def loop_threads(task, items, workers):
    return in_a_loop(ThreadPoolExecutor(workers), task, items)


def loop_processes(task, items, workers):
    return in_a_loop(ProcessPoolExecutor(workers), task, items)


def start_threads():
    global pool_of_this_worker
    pool_of_this_worker = ThreadPoolExecutor(THREADS_IN_A_WORKER)


def among_my_threads(task, batch):
    return list(pool_of_this_worker.map(task, batch))


def threads_in_processes(task, items, workers):
    share = min(1024, -(-len(items) // workers))
    batches = [(task, items[i : i + share]) for i in range(0, len(items), share)]
    with multiprocessing.Pool(workers, start_threads) as pool:
        results = sum(pool.starmap(among_my_threads, batches, chunksize=1), [])
        pool.close()
        pool.join()
        return results


def pool_per_task(task, items, workers):
    return processes(read_in_a_pool_and_sum, items, workers)


def loop_pool_per_task(task, items, workers):
    return loop_processes(read_in_a_pool_and_sum, items, workers)


WAYS = {
    way.__name__: way
    for way in (
        serial,
        thread_per_task,
        threads,
        processes,
        loop_threads,
        loop_processes,
        threads_in_processes,
        pool_per_task,
        loop_pool_per_task,
    )
}


def processor_time():
    return sum(
        usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    )


def main():
    work, way, tasks, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    used, start = processor_time(), time.perf_counter()
    results = WAYS[way](WORKS[work], list(range(tasks)), workers)
    took = time.perf_counter() - start
    if len(results) != tasks or None in results:
        sys.exit("results are missing")
    print(took, processor_time() - used)


if __name__ == "__main__":
    main()
