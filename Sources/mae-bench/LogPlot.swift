import Foundation

/// A drawing with logarithmic axes, on which what grows with a power of something is a straight line.
struct LogPlot {
    /// One line of the drawing.
    struct Line {
        let name: String
        let points: [(x: Double, y: Double)]
        /// Whether its points are drawn as rings and its line in dashes: what was not measured.
        var isHollow = false
    }

    /// What goes right, below the drawing.
    let title: String
    /// Stands behind the numbers of the vertical axis.
    let unit: String
    let lines: [Line]

    private static let colours = ["#1b6ca8", "#c8553d", "#588b4b", "#7b5ea7"]

    /// The drawing.
    var svg: String {
        let (width, height, margin) = (640.0, 420.0, 60.0)
        // The numbers of the vertical axis stand there, with their unit.
        let left = margin + 12
        let points = lines.flatMap(\.points)
        let horizontal = LogAxis(points.map(\.x), from: left, to: width - margin)
        let vertical = LogAxis(points.map(\.y), from: height - margin, to: margin)
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" \
            font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            """
        ]
        for power in horizontal.powers {
            let x = horizontal.place(pow(10, Double(power)))
            parts.append(
                """
                <line x1="\(x)" y1="\(margin)" x2="\(x)" y2="\(height - margin)" stroke="#ddd"/>\
                <text x="\(x)" y="\(height - margin + 18)" text-anchor="middle">10^\(power)</text>
                """)
        }
        for power in vertical.powers {
            let y = vertical.place(pow(10, Double(power)))
            parts.append(
                """
                <line x1="\(left)" y1="\(y)" x2="\(width - margin)" y2="\(y)" stroke="#ddd"/>\
                <text x="\(left - 8)" y="\(y + 4)" text-anchor="end">10^\(power) \(unit)</text>
                """)
        }
        // Names stand above the drawing, where no line runs.
        let step = (width - margin - left) / Double(max(lines.count, 1))
        for (index, line) in lines.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let places = line.points.map { "\(horizontal.place($0.x)),\(vertical.place($0.y))" }
            let dots = line.points.map {
                "<circle cx=\"\(horizontal.place($0.x))\" cy=\"\(vertical.place($0.y))\" r=\"3\" stroke=\"\(colour)\" "
                    + "fill=\"\(line.isHollow ? "white" : colour)\"/>"
            }
            let dashes = line.isHollow ? " stroke-dasharray=\"4 3\"" : ""
            parts.append(
                """
                <polyline points="\(places.joined(separator: " "))" fill="none" stroke="\(colour)" stroke-width="2"\(dashes)/>\
                \(dots.joined())\
                <text x="\(left + Double(index) * step)" y="\(margin - 16)" fill="\(colour)">\(line.name)</text>
                """)
        }
        parts.append("<text x=\"\(width / 2)\" y=\"\(height - 14)\" text-anchor=\"middle\">\(title)</text></svg>\n")
        return parts.joined(separator: "\n")
    }
}

/// Places values on a line by their logarithms.
private struct LogAxis {
    /// Powers of ten from just below the smallest value to just above the largest.
    let powers: ClosedRange<Int>
    private let start, end: Double

    init(_ values: [Double], from start: Double, to end: Double) {
        let logarithms = values.filter { $0 > 0 }.map { log10($0) }
        let low = Int((logarithms.min() ?? 0).rounded(.down))
        powers = low...max(Int((logarithms.max() ?? 0).rounded(.up)), low + 1)
        (self.start, self.end) = (start, end)
    }

    func place(_ value: Double) -> Double {
        let share = (log10(max(value, 1e-9)) - Double(powers.lowerBound)) / Double(powers.count - 1)
        return ((start + (end - start) * share) * 10).rounded() / 10
    }
}
