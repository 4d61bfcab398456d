"""The table of starts: from the start of a process to the encoder's first result on a checkpoint, and peak memory."""

import json
import os
import pathlib
import subprocess
import sys
import time

from peers.tables import print_table
from peers.targets import verdict
from peers.turns import Spread

BATCH_SIZE = 8
MASK_RATIO = 0.75


def ours(arguments, hub, threads):
    """One load by `mae-bench load`, after an untimed one: seconds and MiB, and the same of `mae-coord infer`."""
    output = subprocess.run(
        [
            arguments.bench, "load", "--model", hub, "--method", "pretrained", "--batch-size", str(BATCH_SIZE),
            "--mask-ratio", str(MASK_RATIO), "--threads", str(threads), "--repeat", "1", "--json",
        ],
        check=True, capture_output=True, text=True,
    ).stdout
    method = json.loads(output)["methods"][0]
    return (
        (method["stage_seconds"]["start_to_first_result"]["min"], method["peak_memory_mib"]["min"]),
        (method["infer_seconds"]["min"], method["infer_peak_memory_mib"]["min"]),
    )


def pytorch(hub, threads):
    """One load in a new Python: seconds and MiB."""
    script = pathlib.Path(__file__).with_name("first_result.py")
    command = [sys.executable, str(script), hub, str(BATCH_SIZE), str(MASK_RATIO), str(threads)]
    # Nothing is fetched, and no time goes into asking whether there is something newer.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        memory = process.stdout.readline()
    if process.returncode != 0 or not line.startswith("first result"):
        raise RuntimeError(f"{script.name} ended with code {process.returncode}")
    return seconds, float(memory)


def report(arguments, targets, hub, threads):
    """Prints the table, the programs taking turns."""
    pytorch(hub, threads)  # Brings Python's files into the page cache; ours does the like by itself.
    names = ["mae-bench load", "mae-coord infer, files written", "PyTorch eager, from_pretrained"]
    measured = {name: [] for name in names}
    for _ in range(arguments.runs):
        for name, values in zip(names, (*ours(arguments, hub, threads), pytorch(hub, threads))):
            measured[name].append(values)
    seconds = {name: Spread.of([value for value, _ in values]) for name, values in measured.items()}
    memory = {name: Spread.of([value for _, value in values]) for name, values in measured.items()}
    base, ahead = seconds[names[0]], targets["ahead"]
    rows = []
    for name in names:
        spread = seconds[name]
        ratio = spread.min / base.min
        judged = [ahead.text, verdict(ahead.is_met(ratio))] if name == names[2] else ["", ""]
        rows.append([name, *spread.milliseconds, f"{ratio:.2f}", f"{memory[name].median:.0f}", *judged])
    print_table(
        f"process start to the encoder's first result, batch {BATCH_SIZE}, mask_ratio {MASK_RATIO:g}, "
        f"threads: {threads}, {base.runs} runs each, files in the page cache",
        ["program", "min ms", "median ms", "max ms", "ratio", "peak MiB", "target", ""], rows,
    )
    return [{"program": name, "seconds": vars(seconds[name]), "peak_memory_mib": vars(memory[name])} for name in names]
