/// What a figure is to come to.
///
/// A figure has one target, and ``Target/all`` is the only list of them: commands judge by it what they measure, and other programs
/// ask `mae-bench targets --json` for it.
struct Target: Sendable, Hashable {
    /// On which side of the limit the figure is to be.
    enum Bound: String, Sendable, Encodable {
        case atLeast = "at least"
        case atMost = "at most"
        case above
    }

    /// What is counted, and so how it is written.
    enum Unit: String, Sendable, Encodable {
        /// Of the rate of fused multiply-adds, 1 for all of it.
        case shareOfPeak = "share of the peak"
        /// Of the rate of `cp`, likewise.
        case shareOfCopy = "share of cp's rate"
        /// A ratio to what is named.
        case times
        case bytes
    }

    /// What other programs know it by.
    let name: String
    /// What is measured.
    let what: String
    let bound: Bound
    let limit: Double
    let unit: Unit
    /// What prints the figure next to the target.
    let program: String

    /// Whether a figure is on the right side; one that is no number is not.
    func isMet(by value: Double) -> Bool {
        switch bound {
        case .atLeast: value >= limit
        case .atMost: value <= limit
        case .above: value > limit
        }
    }

    /// `≥ 88 % of the peak`.
    var text: String {
        let sign =
            switch bound {
            case .atLeast: "≥"
            case .atMost: "≤"
            case .above: ">"
            }
        let scope =
            switch unit {
            case .shareOfPeak: " of the peak"
            case .shareOfCopy: " of cp's rate"
            case .times, .bytes: ""
            }
        return "\(sign) \(text(of: limit, decimals: 0))\(scope)"
    }

    /// A figure in the unit of the target: `83.1 %`, `43.2 ×`, `57312 bytes`.
    func text(of value: Double) -> String { text(of: value, decimals: unit == .times ? 2 : 1) }

    /// A limit has no more decimals than it needs.
    private func text(of value: Double, decimals: Int) -> String {
        switch unit {
        case .shareOfPeak, .shareOfCopy: "\(value.formatted(decimals: decimals, times: 100)) %"
        case .times: "\(value.formatted(decimals: value == value.rounded() && decimals == 0 ? 0 : 2)) ×"
        case .bytes: "\(value.formatted(decimals: 0)) bytes"
        }
    }
}

extension Target: Encodable {
    private enum CodingKeys: CodingKey { case name, what, bound, limit, unit, program, text }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(what, forKey: .what)
        try fields.encode(bound, forKey: .bound)
        try fields.encode(limit, forKey: .limit)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(program, forKey: .program)
        try fields.encode(text, forKey: .text)
    }
}
