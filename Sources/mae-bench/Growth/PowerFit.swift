import Foundation

/// The power of `x` with which `y` grows: the slope of the straight line that fits their logarithms best.
struct PowerFit: Encodable {
    /// 1 for what is proportional, 0 for what does not grow.
    let exponent: Double
    /// The largest factor by which a point is off the line.
    let worst_factor: Double

    /// The fit of points whose coordinates are positive; nil of fewer than two places.
    init?(_ points: [(x: Double, y: Double)]) {
        let logarithms = points.map { (x: log($0.x), y: log($0.y)) }
        let count = Double(logarithms.count)
        let x = logarithms.reduce(0) { $0 + $1.x } / count, y = logarithms.reduce(0) { $0 + $1.y } / count
        let spread = logarithms.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
        guard spread > 0 else { return nil }
        let slope = logarithms.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / spread
        exponent = slope
        worst_factor = exp(logarithms.map { abs($0.y - y - slope * ($0.x - x)) }.max() ?? 0)
    }
}
