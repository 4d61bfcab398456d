import MAETensor
import MAEText
import MAEVerify

/// Where in the hidden dimension two pooled outputs lie apart, for the pairs that lie furthest apart.
enum DifferencePlot {
    /// Number of plots.
    static let most = 4
    /// Powers of ten at the ends of the vertical axis.
    private static let axis = (low: -9.0, high: 1.0)
    private static let (width, height, left, top) = (640.0, 150.0, 46.0, 8.0)

    /// Plots of the pairs that differ most, at most one for each two outputs; empty when no outputs differ.
    ///
    /// Other weights, pixels or masks give other values everywhere: there is nothing to see of these.
    static func section(_ comparison: Comparison) -> String {
        let worst = comparison.pairs.filter { ($0.metrics?.maximum ?? 0) > 0 && isOfComputing($0) }
            .sorted { ($0.metrics?.maximum ?? 0, $1.left, $1.right) > ($1.metrics?.maximum ?? 0, $0.left, $0.right) }
        var seen: Set<Set<SHA256Digest>> = []
        var plots: [String] = []
        for pair in worst where plots.count < most {
            let digests = Set([pair.left, pair.right].map { comparison.cells[$0].digests.pooled })
            guard digests.count > 1, seen.insert(digests).inserted, let plot = plot(pair, comparison) else { continue }
            plots.append(plot)
        }
        guard !plots.isEmpty else { return "" }
        return "<section>\n<h2>By how much, and where in the output</h2>\n\(plots.joined(separator: "\n"))\n"
            + "<p class=\"facts\">Largest difference over the images of the batch, by hidden dimension of the pooled output; "
            + "the dashed line is atol.</p>\n</section>"
    }

    /// Whether both sides computed the same, and gave other values.
    private static func isOfComputing(_ pair: PairComparison) -> Bool {
        ![.weights, .input, .mask].contains { pair.differing.has($0) }
    }

    private static func plot(_ pair: PairComparison, _ comparison: Comparison) -> String? {
        let (one, other) = (comparison.cells[pair.left], comparison.cells[pair.right])
        guard one.pooled.shape == other.pooled.shape, let hidden = one.pooled.shape.last, hidden > 0 else { return nil }
        let columns = columns(one.pooled, other.pooled, hidden)
        let step = width / Double(columns.count)
        let bars = columns.enumerated().compactMap { index, size -> String? in
            guard size > 0 else { return nil }
            let y = y(size)
            return "<rect class=\"bar\" x=\"\(digits(left + Double(index) * step))\" y=\"\(digits(y))\" "
                + "width=\"\(digits(max(1, step - 0.5)))\" height=\"\(digits(max(0.5, top + height - y)))\"/>"
        }
        let ticks = [-9, -6, -3, 0].map { power in
            let y = digits(y(Double("1e\(power)") ?? 1))
            return "<line class=\"grid\" x1=\"\(left)\" x2=\"\(left + width)\" y1=\"\(y)\" y2=\"\(y)\"/>"
                + "<text x=\"\(left - 6)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(power == 0 ? "1" : "1e\(power)")</text>"
        }
        let limit = digits(y(Double(comparison.plan.tolerance.atol)))
        let atol = "<line class=\"atol\" x1=\"\(left)\" x2=\"\(left + width)\" y1=\"\(limit)\" y2=\"\(limit)\"/>"
        let ends =
            "<text x=\"\(left)\" y=\"\(top + height + 16)\">0</text><text x=\"\(left + width)\" "
            + "y=\"\(top + height + 16)\" text-anchor=\"end\">\(hidden - 1)</text>"
        return "<figure><figcaption>\(SafeText.markup("\(one.cell) against \(other.node.name), \(other.method.label)"))"
            + "</figcaption><svg viewBox=\"0 0 \(left + width + 8) \(top + height + 22)\" class=\"plot\" role=\"img\" "
            + "aria-label=\"differences by hidden dimension\">\(ticks.joined())\(bars.joined())\(atol)\(ends)</svg></figure>"
    }

    /// The largest difference in each column of the plot: one hidden dimension, or several when there are many.
    private static func columns(_ one: Tensor, _ other: Tensor, _ hidden: Int) -> [Double] {
        let count = min(hidden, 256)
        var columns = [Double](repeating: 0, count: count)
        one.withUnsafeElements { mine in
            other.withUnsafeElements { theirs in
                for index in mine.indices {
                    let (a, b) = (mine[index], theirs[index])
                    guard a.bitPattern != b.bitPattern, !(a.isNaN && b.isNaN) else { continue }
                    let size = a.isFinite && b.isFinite ? abs(Double(a) - Double(b)) : .infinity
                    let column = index % hidden * count / hidden
                    columns[column] = max(columns[column], size)
                }
            }
        }
        return columns
    }

    private static func y(_ size: Double) -> Double {
        top + height * (1 - LogScale.position(size, from: axis.low, to: axis.high))
    }

    private static func digits(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
