extension Double {
    /// The number in plain decimal notation, after multiplication.
    func formatted(decimals: Int, times factor: Double = 1) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let value = self * factor * Double(scale)
        guard value.magnitude < 1e15 else { return "\(self * factor)" }
        let digits = Int64(value.rounded())
        let (whole, rest) = digits.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        let fraction = String(rest)
        let padding = String(repeating: "0", count: Swift.max(0, decimals - fraction.count))
        return (digits < 0 ? "-" : "") + (decimals == 0 ? "\(whole)" : "\(whole).\(padding)\(fraction)")
    }
}

extension String {
    /// The text with spaces before it, `width` characters in all.
    func right(_ width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }
    /// The text with spaces after it, `width` characters in all.
    func left(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}

extension Spread {
    /// Seconds as `min, median, max` in milliseconds.
    var milliseconds: String {
        [min, median, max].map { $0.formatted(decimals: 2, times: 1e3) }.joined(separator: ", ")
    }

    /// The three values in columns of `width` characters.
    func columns(width: Int = 9, decimals: Int = 3, times factor: Double = 1) -> String {
        [min, median, max].map { $0.formatted(decimals: decimals, times: factor).right(width) }.joined()
    }
}
