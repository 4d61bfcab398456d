"""The table of times: ours beside the others', each with the ratio we aim at."""

from peers.engines import Compiled, Eager, ONNXRuntime, OpenVINO
from peers.ours import Ours
from peers.tables import print_table, verdict
from peers.turns import prepared, take_turns
from peers.workload import Setting, Workload

EAGER_TARGETS = [(lambda: Eager("sdpa"), 1.5), (lambda: Eager("eager"), 1.5)]
ALL_TARGETS = [*EAGER_TARGETS, (Compiled, 1.4), (ONNXRuntime, 1.2), (OpenVINO, 1.2)]

# Where both instruction sets have the same peak, AVX2 may be this much slower.
AVX2_ALLOWANCE = 1.07
# Peaks that differ by less count as the same.
SAME_PEAK = 1.05

HEADING = ["engine", "min ms", "median ms", "max ms", "min ratio", "median ratio", "target", "verdict"]


def settings(preset, threads):
    """What is compared, and with whom: (setting, [(engine, target ratio)])."""
    return [
        (Setting(preset, 8, 0.0, False, threads), ALL_TARGETS),
        (Setting(preset, 8, 0.75, False, threads), EAGER_TARGETS),
        (Setting(preset, 8, 0.75, True, threads), EAGER_TARGETS),
        (Setting(preset, 1, 0.0, False, threads), EAGER_TARGETS),
    ]


def compare(arguments, setting, targets):
    """Prints one setting's table and returns it for the JSON document."""
    workload = Workload(setting)
    peers = [(make(), target) for make, target in targets]
    peers = [(peer, target) for peer, target in peers if arguments.wants(peer.name)]
    ours = Ours(arguments.bench)
    ready = prepared([ours, *(peer for peer, _ in peers)], workload)
    try:
        if ours not in ready:
            raise SystemExit("without mae-bench there is nothing to compare")
        peak = ours.peak()
        spreads = take_turns(ready, arguments.runs, arguments.pause)
        peak = max(peak, ours.peak())
    finally:
        for engine in ready:
            engine.close()
    base = spreads[ours.name]
    rows, document = [], []
    for engine, target in [(ours, None), *peers]:
        spread = spreads.get(engine.name)
        if spread is None:
            rows.append([engine.name, "-", "-", "-", "-", "-", f">= {target:g}", "not measured"])
            continue
        ratio = spread.median / base.median
        rows.append([
            engine.name, *spread.milliseconds,
            f"{spread.min / base.min:.2f}", f"{ratio:.2f}", f">= {target:g}" if target else "",
            verdict(ratio >= target) if target else "",
        ])
        document.append({
            "engine": engine.name, "seconds": vars(spread), "median_ratio": ratio, "target": target,
            "met": ratio >= target if target else None,
        })
    isa = ours.description["isa"]
    print_table(
        f"{setting.name}, {setting.preset}, fp32, threads: {setting.threads}, {base.runs} runs each "
        f"(ratio: time against ours on {isa}; FMA peak beside it {peak:.0f} GFLOP/s)",
        HEADING, rows,
    )
    return {"setting": setting.name, "isa": isa, "peak_fma_gflops": peak, "engines": document}


def peaks_of_one_core(arguments, sets, rounds=5):
    """The best FMA peak of each instruction set on one thread, measured in turns.

    One thread alone is hardly slowed down by what else the machine does, so a ratio of two sets can be told.
    """
    workload = Workload(Setting("tiny", 1, 0.0, False, 1))
    engines = prepared([Ours(arguments.bench, isa) for isa in sets], workload)
    try:
        return [max(peaks) for peaks in zip(*([engine.peak() for engine in engines] for _ in range(rounds)))]
    finally:
        for engine in engines:
            engine.close()


def compare_instruction_sets(arguments, setting):
    """Prints how much slower AVX2 is than AVX-512, and whether this machine is one where it should not be."""
    sets = ("avx512", "avx2")
    engines = prepared([Ours(arguments.bench, isa) for isa in sets], Workload(setting))
    try:
        if len(engines) < 2:
            return None
        peaks = peaks_of_one_core(arguments, sets)
        spreads = take_turns(engines, arguments.runs, arguments.pause)
    finally:
        for engine in engines:
            engine.close()
    wide, narrow = (spreads[engine.name] for engine in engines)
    ratio, peak_ratio = narrow.median / wide.median, peaks[0] / peaks[1]
    applies = peak_ratio < SAME_PEAK
    rows = [
        [
            engine.name, *spread.milliseconds,
            f"{spread.min / wide.min:.2f}", f"{spread.median / wide.median:.2f}",
            f"<= {AVX2_ALLOWANCE:g}" if engine is engines[1] else "",
            (verdict(ratio <= AVX2_ALLOWANCE) if applies else "does not apply") if engine is engines[1] else "",
        ]
        for engine, spread in zip(engines, (wide, narrow))
    ]
    print_table(f"our instruction sets, {setting.name}, {setting.preset}, threads: {setting.threads}", HEADING, rows)
    print(
        f"Measured FMA peaks of one core: AVX-512 {peaks[0]:.0f}, AVX2 {peaks[1]:.0f} GFLOP/s, "
        f"a ratio of {peak_ratio:.2f}. The target "
        + ("applies: both sets have the same peak here." if applies else
           "is for machines where both sets have the same peak; here AVX-512 has more.")
    )
    return {
        "seconds": {"avx512": vars(wide), "avx2": vars(narrow)}, "median_ratio": ratio,
        "core_peak_fma_gflops": {"avx512": peaks[0], "avx2": peaks[1]}, "target": AVX2_ALLOWANCE, "applies": applies,
        "met": ratio <= AVX2_ALLOWANCE if applies else None,
    }


def report(arguments, threads):
    """Prints all tables of times."""
    document = [compare(arguments, setting, targets) for setting, targets in settings(arguments.preset, threads)]
    setting = Setting(arguments.preset, 8, 0.0, False, threads)
    sets = compare_instruction_sets(arguments, setting) if arguments.wants("mae-bench --isa") else None
    return {"settings": document, "instruction_sets": sets}
