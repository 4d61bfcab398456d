"""Engines take turns run by run, so that a slow minute of the machine hits all of them."""

import dataclasses
import statistics
import sys
import time

# Share of the machine's processors that may be busy in pauses.
BUSY = 0.05


@dataclasses.dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of repeated measurements."""

    min: float
    median: float
    max: float
    runs: int

    @classmethod
    def of(cls, values):
        return cls(min(values), statistics.median(values), max(values), len(values))

    @property
    def milliseconds(self):
        """Cells of a table, for values in seconds."""
        return [f"{value * 1e3:.1f}" for value in (self.min, self.median, self.max)]


def prepared(engines, workload):
    """Those of `engines` that are ready for `workload`; why others are not goes to standard error."""
    ready = []
    for engine in engines:
        reason = engine.missing()
        if reason is None:
            try:
                engine.prepare(workload)
                ready.append(engine)
                continue
            except Exception as error:  # An engine that fails at a model is left out, not the comparison.
                first_line = (str(error).splitlines() or [""])[0]
                reason = f"{type(error).__name__}: {first_line}"
                engine.close()
        print(f"{engine.name}: left out of '{workload.setting.name}', {reason}", file=sys.stderr)
    return ready


def busy_and_total():
    """Processor time of the whole machine since it started, busy and in all, in ticks."""
    with open("/proc/stat") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def take_turns(engines, runs, pause):
    """The spread of `runs` turns of each engine, by its name.

    Before each turn all should be quiet for `pause` seconds: threads of the engine before may spin for work a while.
    Says so when something kept the machine busy even at the end of the pauses.
    """
    seconds = {engine.name: [] for engine in engines}
    busy = []
    for _ in range(runs):
        for engine in engines:
            time.sleep(pause / 2)
            before = busy_and_total()
            time.sleep(pause / 2)
            after = busy_and_total()
            if after[1] > before[1]:
                busy.append((after[0] - before[0]) / (after[1] - before[1]))
            seconds[engine.name].append(engine.turn())
    if busy and statistics.median(busy) > BUSY:
        print(
            f"\nNot quiet: in the pauses of the next table {statistics.median(busy):.0%} of this machine's processor "
            "time went to something else. Its figures mean little."
        )
    return {name: Spread.of(values) for name, values in seconds.items()}
