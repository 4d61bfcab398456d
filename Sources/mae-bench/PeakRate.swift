import MAECPU

extension CPUBackend {
    /// GFLOP/s of fused multiply-adds that touch registers only, on all threads: no kernel is faster.
    func peakRate() -> Double {
        var operations = 0.0
        // Some tens of milliseconds a run, on a vector unit; at least one is not interrupted.
        let timing = Timing(repeats: 15) { operations = spinFMA(rounds: 4_000_000) }
        return operations / timing.min / 1e9
    }
}
