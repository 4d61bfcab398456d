import MAECPU

/// The rate of fused multiply-adds that touch registers only, on all threads: no kernel is faster.
///
/// Clock rates drift within seconds, so a peak is measured on both sides of what is held against it, and the best counts.
struct PeakRate {
    private let backend: CPUBackend
    private let rounds: Int
    /// GFLOP/s of the best measurement so far.
    private(set) var gflops = 0.0

    /// Measures for the first time.
    init(of backend: CPUBackend) {
        self.backend = backend
        // Some milliseconds a run, whatever the instruction set: short enough that some runs are not interrupted.
        var rounds = 10_000
        while rounds < 1 << 30, Timing.seconds({ _ = backend.spinFMA(rounds: rounds) }) < 0.002 { rounds *= 2 }
        self.rounds = rounds
        measure()
    }

    /// Measures once more; a tenth of a second.
    mutating func measure() {
        var operations = 0.0
        let seconds = Timing.spread(repeats: 20) { operations = backend.spinFMA(rounds: rounds) }
        gflops = max(gflops, operations / seconds.min / 1e9)
    }
}
