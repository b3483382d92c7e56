"""The rows' work in Python: `python3 rows.py WORK SIZE` prints the figures as JSON."""
import asyncio
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def echo(n):
    return n


def switches(tasks, switches, **_):
    async def task():
        turns = 0
        for _ in range(switches):
            await asyncio.sleep(0)
            turns += 1
        return turns

    async def main(count):
        start = time.perf_counter()
        results = await asyncio.gather(*(task() for _ in range(count)))
        elapsed = time.perf_counter() - start
        assert sum(results) == count * switches
        return elapsed

    asyncio.run(main(tasks // 20 + 1))
    return {"all": asyncio.run(main(tasks)) * 1e3}


def round_trip(executor, trips):
    times = []
    for n in range(trips):
        start = time.perf_counter()
        result = executor.submit(echo, n).result()
        times.append((time.perf_counter() - start) * 1e6)
        assert result == n
    times.sort()
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}


def burst(executor, tasks):
    start = time.perf_counter()
    futures = [executor.submit(echo, n) for n in range(tasks)]
    total = sum(future.result() for future in futures)
    elapsed = time.perf_counter() - start
    assert total == tasks * (tasks - 1) // 2
    return {"all": elapsed * 1e3}


def with_pool(pool, workers, body):
    with pool(workers) as executor:
        list(executor.map(echo, range(1000)))
        return body(executor)


def thread_round_trip(trips, workers, **_):
    return with_pool(ThreadPoolExecutor, workers, lambda executor: round_trip(executor, trips))


def thread_burst(tasks, workers, **_):
    return with_pool(ThreadPoolExecutor, workers, lambda executor: burst(executor, tasks))


def processes(trips, tasks, workers, **_):
    return with_pool(
        ProcessPoolExecutor, workers, lambda executor: {**round_trip(executor, trips), **burst(executor, tasks)}
    )


if __name__ == "__main__":
    work = {
        "switches": switches,
        "thread-round-trip": thread_round_trip,
        "thread-burst": thread_burst,
        "processes": processes,
    }[sys.argv[1]]
    print(json.dumps(work(**json.loads(sys.argv[2]))))
