import MAECPU

extension CPUBackend {
    /// GFLOP/s of fused multiply-adds that touch registers only, on all threads: no kernel is faster.
    func peakRate() -> Double {
        var operations = 0.0
        // A few milliseconds a run, so that some runs are not interrupted.
        let timing = Timing(repeats: 60) { operations = spinFMA(rounds: 1_000_000) }
        return operations / timing.min / 1e9
    }
}
