"""Compares the scheduling of this cluster with Dask's on this machine: shards or tasks a second, and round trips.

Both run a scheduler and two workers as processes that speak TCP over loopback, and each task does nothing. Ours stores each
result on the disk before it counts; Dask keeps results in its workers' memory. They take turns, and medians are compared. Then
the coordinator's memory is measured, with many workers and shards. Each figure has its target and whether it is met.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import distributed

from peers.tables import print_table
from peers.targets import read_targets, verdict


def nothing(number):
    """A task as empty as a shard that is answered at once."""
    return number


def measure_dask(workers, tasks, trips):
    """Tasks a second when all are handed over at once, and milliseconds from a task to its result, one by one."""
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, protocol="tcp://", dashboard_address=None
    ) as cluster, distributed.Client(cluster) as client:
        client.gather(client.map(nothing, range(100), pure=False))
        start = time.perf_counter()
        client.gather(client.map(nothing, range(tasks), pure=False))
        rate = tasks / (time.perf_counter() - start)
        times = []
        for number in range(trips):
            start = time.perf_counter()
            client.submit(nothing, number, pure=False).result()
            times.append((time.perf_counter() - start) * 1000)
    return rate, statistics.median(times)


def measure_ours(bench, workers, shards):
    """What mae-bench cluster reports."""
    command = [bench, "cluster", "--workers", str(workers), "--shards", str(shards), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=".build/release/mae-bench", help="the mae-bench to measure")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shards", type=int, default=100_000, help="shards for ours")
    parser.add_argument("--tasks", type=int, default=10_000, help="tasks for Dask, which takes longer over them")
    parser.add_argument("--trips", type=int, default=500, help="round trips that Dask makes")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--memory-workers", type=int, default=1000, help="workers of the run for memory; 0 leaves it out")
    parser.add_argument("--memory-shards", type=int, default=1_000_000, help="shards of the run for memory")
    arguments = parser.parse_args()

    turns = {"ours": [], "Dask": []}
    for _ in range(arguments.turns):
        report = measure_ours(arguments.bench, arguments.workers, arguments.shards)
        turns["ours"].append((report["shards_per_second"], report["round_trip_ms"]["p50"]))
        turns["Dask"].append(measure_dask(arguments.workers, arguments.tasks, arguments.trips))
    rows = []
    for name, measured in turns.items():
        rates = [rate for rate, _ in measured]
        trip = statistics.median(trip for _, trip in measured)
        rows.append([name, f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})", f"{trip:.2f}"])
    print_table(
        f"Dask {distributed.__version__}, {arguments.workers} workers, {arguments.turns} turns",
        ["scheduler", "a second: median (min to max)", "round trip p50, ms"], rows,
    )
    ratio = statistics.median(rate for rate, _ in turns["ours"]) / statistics.median(rate for rate, _ in turns["Dask"])
    judged = [read_targets(arguments.bench)["scheduler"].row(ratio)]
    if arguments.memory_workers:
        report = measure_ours(arguments.bench, arguments.memory_workers, arguments.memory_shards)
        judged += [
            [entry["what"], entry["target"], f"{entry['measured']:.0f} bytes", verdict(entry["met"])]
            for entry in report["targets"]
        ]
    print_table("Targets", ["what", "target", "measured", ""], judged)


if __name__ == "__main__":
    sys.exit(main())
