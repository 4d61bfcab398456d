/// Numbers as people read them in a sentence: three significant digits.
package enum NumberText {
    /// `0.75`, `4.17e-7`, `1070000` as `1.07e6`.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return "0" }
        var (mantissa, exponent) = (abs(value), 0)
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        var digits = Int((mantissa * 100).rounded())
        if digits == 1000 { (digits, exponent) = (100, exponent + 1) }
        let sign = value < 0 ? "-" : ""
        if exponent < -3 || exponent > 4 {
            return sign + decimal(digits, places: 2) + "e\(exponent)"
        }
        if exponent > 2 { return sign + "\(Int(abs(value).rounded()))" }
        return sign + decimal(digits, places: 2 - exponent)
    }

    /// `1 batch`, `3 batches`.
    package static func count(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(count) " + (count == 1 ? singular : plural ?? singular + "s")
    }

    /// `a`, `a and b`, `a, b and c`, `a, b, c and 7 more`.
    package static func list(_ items: [String], limit: Int = 4) -> String {
        let shown = Array(items.prefix(limit))
        if items.count > limit { return shown.joined(separator: ", ") + " and \(items.count - limit) more" }
        guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
        return shown.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `0–3, 5, 7–9` of ascending numbers.
    package static func ranges(_ numbers: [Int]) -> String {
        var spans: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = spans.last, number == last.upperBound + 1 {
                spans[spans.count - 1] = last.lowerBound...number
            } else {
                spans.append(number...number)
            }
        }
        let words = spans.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
        return words.joined(separator: ", ")
    }

    /// `digits` over ten to the power `places`, without trailing zeros.
    private static func decimal(_ digits: Int, places: Int) -> String {
        var text = String(digits)
        if text.count <= places { text = String(repeating: "0", count: places + 1 - text.count) + text }
        let point = text.index(text.endIndex, offsetBy: -places)
        var fraction = text[point...]
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return String(text[..<point]) + (fraction.isEmpty ? "" : "." + fraction)
    }
}
