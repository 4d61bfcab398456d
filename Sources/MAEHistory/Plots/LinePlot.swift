import Glibc
import MAEText

/// One or several values by nights, as lines, with steps marked.
struct LinePlot {
    /// One line.
    struct Line {
        /// What it is; shown where there are several.
        let name: String
        let values: [Double?]
        var steps: [RobustStep] = []
    }

    private static let (left, right, top, bottom) = (46.0, 8.0, 8.0, 18.0)

    /// Whether the vertical axis is logarithmic.
    var isLogarithmic = false
    /// Size in pixels.
    var width = 320.0, height = 92.0

    /// The picture, empty without values; `labels` are the nights.
    func picture(_ lines: [Line], _ labels: [String], label: String) -> String {
        let known = lines.flatMap { $0.values.compactMap(\.self) }.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
        guard let low = known.min(), let high = known.max() else { return "" }
        let axis = isLogarithmic ? (floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)) : (0, high * 1.1)
        func y(_ value: Double) -> Double {
            let position =
                ((isLogarithmic ? log10(value) : value) - axis.0) / max(axis.1 - axis.0, .leastNormalMagnitude)
            return Self.top + (height - Self.top - Self.bottom) * (1 - min(max(position, 0), 1))
        }
        func x(_ night: Int) -> Double {
            let room = width - Self.left - Self.right
            return Self.left + (labels.count < 2 ? room / 2 : room * Double(night) / Double(labels.count - 1))
        }
        let ticks = isLogarithmic ? [pow(10, axis.0), pow(10, axis.1)] : [0, high]
        var parts = ticks.map { tick in
            "<path class=\"grid\" d=\"M\(SVG.number(Self.left)) \(SVG.number(y(tick)))H\(SVG.number(width - Self.right))\"/>"
                + SVG.text(NumberText.short(tick), Self.left - 5, y(tick) + 4, anchor: "end")
        }
        for (number, line) in lines.enumerated() {
            parts.append("<path class=\"line l\(number % Ribbon.colors)\" d=\"\(path(line.values, x, y))\"/>")
            for step in line.steps {
                parts.append(
                    "<path class=\"step\" d=\"M\(SVG.number(x(step.index))) \(SVG.number(Self.top))"
                        + "V\(SVG.number(height - Self.bottom))\"><title>\(SafeText.markup(Self.words(step, labels)))</title></path>"
                )
            }
        }
        if let first = labels.first, let last = labels.last {
            parts.append(SVG.text(String(first.prefix(10)), Self.left, height - 4))
            if labels.count > 1 {
                parts.append(SVG.text(String(last.prefix(10)), width - Self.right, height - 4, anchor: "end"))
            }
        }
        return SVG.picture(width, height, label: label, parts)
    }

    /// `2026-10-20: 0.4 s before, 0.6 s since`.
    static func words(_ step: RobustStep, _ labels: [String]) -> String {
        "\(labels[step.index]): \(NumberText.short(step.from)) s before, \(NumberText.short(step.to)) s since"
    }

    /// Lines between neighbors; a value without any is a dot.
    private func path(_ values: [Double?], _ x: (Int) -> Double, _ y: (Double) -> Double) -> String {
        var path = ""
        var isOpen = false
        for (night, value) in values.enumerated() {
            guard let value, value.isFinite, !isLogarithmic || value > 0 else {
                isOpen = false
                continue
            }
            path += "\(isOpen ? "L" : "M")\(SVG.number(x(night))) \(SVG.number(y(value)))" + (isOpen ? "" : "h0")
            isOpen = true
        }
        return path
    }
}
