import MAECPU
import MAEVulkan

/// The rate of fused multiply-adds that touch registers only, on all threads or invocations: no product is faster.
///
/// Clock rates drift within seconds, so a peak is measured on both sides of what is held against it, and the best counts.
struct PeakRate {
    /// Does some work and returns how many floating-point operations it was.
    private let spin: () throws -> Double
    /// GFLOP/s of the best measurement so far.
    private(set) var gflops = 0.0

    /// Measures a processor for the first time.
    init(of backend: CPUBackend) throws {
        try self.init(amounts: 10_000...1 << 30) { backend.spinFMA(rounds: $0) }
    }

    /// Measures a device for the first time.
    init(of backend: VulkanBackend) throws {
        let rate = try backend.fusedRate()
        try self.init(amounts: 8...FusedRate.mostGroups) { try rate.spin(groups: $0) }
    }

    private init(amounts: ClosedRange<Int>, spin: @escaping (_ amount: Int) throws -> Double) throws {
        // Some milliseconds a run, whatever computes: short enough that some runs are not interrupted.
        var amount = amounts.lowerBound
        while amount < amounts.upperBound, try Timing.seconds({ _ = try spin(amount) }) < 0.002 {
            amount = min(2 * amount, amounts.upperBound)
        }
        let enough = amount
        self.spin = { try spin(enough) }
        try measure()
    }

    /// Measures once more; a tenth of a second.
    mutating func measure() throws {
        var operations = 0.0
        let seconds = try Timing.spread(repeats: 20) { operations = try spin() }
        gflops = max(gflops, operations / seconds.min / 1e9)
    }
}
