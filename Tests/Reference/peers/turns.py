"""Engines take turns run by run, so that a slow minute of the machine hits all of them."""

import dataclasses
import statistics
import sys
import time


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


def take_turns(engines, runs, pause):
    """The spread of `runs` turns of each engine, by its name.

    Before each turn all is quiet for `pause` seconds: threads of the engine before may spin for work a while.
    """
    seconds = {engine.name: [] for engine in engines}
    spun = 0.0
    for _ in range(runs):
        for engine in engines:
            time.sleep(pause / 2)
            before = time.process_time()
            time.sleep(pause / 2)
            spun = max(spun, (time.process_time() - before) / (pause / 2) if pause else 0)
            seconds[engine.name].append(engine.turn())
    if spun > 0.05:
        print(f"an idle engine kept {spun:.0%} of a core busy before another's turn: lengthen --pause", file=sys.stderr)
    return {name: Spread.of(values) for name, values in seconds.items()}
