/// Where nights stand in a picture: a column each, the newest at the right, with months and days above.
struct NightScale {
    /// Width of a column, and height of a row.
    static let column = 15.0, row = 20.0
    /// Height of what stands above the first row: marks, months, days.
    static let head = 48.0

    /// Dates or times of the nights, the earliest first.
    let labels: [String]

    /// Width of all columns.
    var width: Double { Double(labels.count) * Self.column }

    /// The left side of a night's column.
    func x(_ night: Int) -> Double { Double(night) * Self.column }

    /// The top of a row.
    func y(_ row: Int) -> Double { Self.head + Double(row) * Self.row }

    /// Months where they begin, as far as there is room, and the day of each night.
    var marks: String {
        var parts: [String] = []
        var month = ""
        var free = 0.0
        for (night, label) in labels.enumerated() {
            let parts7 = String(label.prefix(7))
            if parts7 != month {
                month = parts7
                // Room for seven characters.
                if x(night) >= free {
                    parts.append(SVG.text(month, x(night), 28, kind: "month"))
                    free = x(night) + 56
                }
            }
            parts.append(
                SVG.text(String(label.dropFirst(8).prefix(2)), x(night) + 7, 42, kind: "day", anchor: "middle"))
        }
        return parts.joined()
    }

    /// Lines in the color of the page between columns: nights that are alike stay nights, and do not become a bar.
    func gaps(rows: Int) -> String {
        let bottom = SVG.number(y(rows))
        let lines = (0...labels.count).map { "M\(SVG.number(x($0) - 0.5)) \(SVG.number(Self.head))V\(bottom)" }
        return "<path class=\"gap\" d=\"\(lines.joined())\"/>"
    }

    /// Runs of equal values in a row: each with its first and last night.
    static func spans<Value: Equatable>(_ values: [Value]) -> [(value: Value, nights: ClosedRange<Int>)] {
        var spans: [(value: Value, nights: ClosedRange<Int>)] = []
        for (night, value) in values.enumerated() {
            if let last = spans.last, last.value == value {
                spans[spans.count - 1].nights = last.nights.lowerBound...night
            } else {
                spans.append((value, night...night))
            }
        }
        return spans
    }

    /// `2026-10-01`, or `2026-10-01 to 2026-10-14`.
    func words(_ nights: ClosedRange<Int>) -> String {
        nights.count == 1
            ? labels[nights.lowerBound] : "\(labels[nights.lowerBound]) to \(labels[nights.upperBound])"
    }

    /// A rectangle for a run of nights in a row.
    func bar(_ nights: ClosedRange<Int>, row: Int, kind: String, title: String) -> String {
        SVG.rectangle(
            x(nights.lowerBound), y(row), Double(nights.count) * Self.column, Self.row - 2, kind: kind, title: title)
    }
}
