/// The smallest, the middle and the largest of repeated measurements.
struct Spread: Codable {
    /// Of seconds, the fastest run: what the machine does when nothing disturbs it.
    let min: Double
    /// The value in the middle; of an even number, the mean of the two there.
    let median: Double
    /// The largest value.
    let max: Double

    /// The spread of `values`, of which there is at least one.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "nothing was measured")
        let sorted = values.sorted()
        min = sorted[0]
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        max = sorted[sorted.count - 1]
    }
}
