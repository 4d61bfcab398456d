import Glibc

/// Positions on a logarithmic axis.
enum LogScale {
    /// Where `value` lies between ten to the power `from` (0) and ten to the power `to` (1), held inside.
    static func position(_ value: Double, from: Double, to: Double) -> Double {
        guard value.isFinite else { return 1 }
        guard value > 0 else { return 0 }
        return min(1, max(0, (log10(value) - from) / (to - from)))
    }
}
