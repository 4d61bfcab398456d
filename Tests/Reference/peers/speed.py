"""The tables of times: ours, what part of the peak that is, and the others' in ours."""

from peers.engines import Compiled, Eager, ONNXRuntime, OpenVINO
from peers.judging import Comparison, Peak, share_target
from peers.ours import Ours
from peers.tables import print_table
from peers.targets import percent, verdict
from peers.turns import prepared, take_turns
from peers.workload import Setting, Workload

EAGER = [lambda: Eager("sdpa"), lambda: Eager("eager")]
ALL = [*EAGER, Compiled, ONNXRuntime, OpenVINO]

HEADING = ["engine", "min ms", "median ms", "max ms", "of the peak", "ratio", "at 100 % of the peak", "target", ""]


def settings(preset, threads):
    """What is compared, and with whom."""
    return [
        (Setting(preset, 8, 0.0, False, threads), ALL),
        (Setting(preset, 8, 0.75, False, threads), EAGER),
        (Setting(preset, 1, 0.75, False, threads), EAGER),
        (Setting(preset, 8, 0.75, True, threads), EAGER),
        (Setting(preset, 1, 0.0, False, threads), EAGER),
    ]


def measured_with_peak(arguments, ours, engines, workload):
    """The spreads of all engines that are ready, by name, and the peak of each of `ours`, the higher of before and after."""
    ready = prepared([*ours, *engines], workload)
    try:
        peaks = {engine.name: engine.peak() for engine in ours if engine in ready}
        spreads = take_turns(ready, arguments.runs, arguments.pause)
        peaks = {engine.name: max(peaks[engine.name], engine.peak()) for engine in ours if engine in ready}
    finally:
        for engine in ready:
            engine.close()
    return spreads, peaks


def own_row(engine, spread, peak, target):
    """Our line: its ratio is 1, and its target the share of the peak."""
    share = peak.share(spread.min)
    judged = [target.text, verdict(target.is_met(share))] if target else ["", ""]
    return [f"**{engine.name}**", *spread.milliseconds, percent(share), "1.00", f"{1 / share:.2f}", *judged]


def compare(arguments, targets, setting, engines):
    """Prints one setting's table and returns it for the JSON document."""
    peers = [peer for peer in (make() for make in engines) if arguments.wants(peer.name)]
    ours = Ours(arguments.bench)
    spreads, peaks = measured_with_peak(arguments, [ours], peers, Workload(setting))
    if ours.name not in spreads:
        raise SystemExit("without mae-bench there is nothing to compare")
    base, ahead, own_target = spreads[ours.name], targets["ahead"], share_target(targets, setting)
    peak = Peak(peaks[ours.name], ours.operations)
    share = peak.share(base.min)
    rows = [own_row(ours, base, peak, own_target)]
    document = [{
        "engine": ours.name, "seconds": vars(base), "share_of_peak": share,
        "target": own_target and own_target.limit, "met": own_target and own_target.is_met(share),
    }]
    for peer in peers:
        spread = spreads.get(peer.name)
        if spread is None:
            rows.append([peer.name, *["-"] * 6, ahead.text, "not measured"])
            continue
        comparison = Comparison(spread.min, base.min, peak)
        met = ahead.is_met(comparison.ratio)
        rows.append([
            peer.name, *spread.milliseconds, percent(peak.share(spread.min)), f"{comparison.ratio:.2f}",
            f"{comparison.possible:.2f}", ahead.text, verdict(met),
        ])
        document.append({
            "engine": peer.name, "seconds": vars(spread), "share_of_peak": peak.share(spread.min),
            "median_ratio": spread.median / base.median, "ratio": comparison.ratio,
            "possible_ratio": comparison.possible, "target": ahead.limit, "met": met,
        })
    isa = ours.description["isa"]
    print_table(
        f"{setting.name}, {setting.preset}, fp32, threads: {setting.threads}, {base.runs} runs each (ratio: least time in our "
        f"least on {isa}, and what it would be at 100 % of the peak, {peak.gflops:.0f} GFLOP/s of FMA measured before and after)",
        HEADING, rows,
    )
    return {"setting": setting.name, "isa": isa, "peak_fma_gflops": peak.gflops, "engines": document}


def compare_instruction_sets(arguments, targets, setting):
    """Prints the share that each instruction set reaches of its own peak; None where the processor has only one."""
    engines = [Ours(arguments.bench, isa) for isa in ("avx512", "avx2")]
    spreads, peaks = measured_with_peak(arguments, engines, [], Workload(setting))
    if len(spreads) < 2:
        return None
    target, rows, document = share_target(targets, setting), [], []
    for engine in engines:
        spread, peak = spreads[engine.name], Peak(peaks[engine.name], engine.operations)
        share = peak.share(spread.min)
        rows.append(own_row(engine, spread, peak, target))
        rows[-1][5] = f"{spread.min / spreads[engines[0].name].min:.2f}"
        document.append({
            "isa": engine.isa, "seconds": vars(spread), "peak_fma_gflops": peak.gflops, "share_of_peak": share,
            "target": target and target.limit, "met": target and target.is_met(share),
        })
    print_table(
        f"our instruction sets, {setting.name}, {setting.preset}, threads: {setting.threads} (ratio: least time in that of the "
        "first; each share is of the set's own peak)",
        HEADING, rows,
    )
    return document


def report(arguments, targets, threads):
    """Prints all tables of times."""
    document = [compare(arguments, targets, *setting) for setting in settings(arguments.preset, threads)]
    setting = Setting(arguments.preset, 8, 0.0, False, threads)
    sets = compare_instruction_sets(arguments, targets, setting) if arguments.wants("mae-bench --isa") else None
    return {"settings": document, "instruction_sets": sets}
