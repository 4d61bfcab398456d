/// How many times took how long.
public struct Histogram: Sendable, Hashable {
    /// The upper bounds of the buckets, in seconds, ascending; what takes longer counts in ``count`` only.
    public let bounds: [Double]
    /// For each bound, how many took no longer than that.
    public private(set) var cumulative: [Int]
    /// How many there were.
    public private(set) var count = 0
    /// How long they took together, in seconds.
    public private(set) var sum = 0.0

    /// An empty histogram.
    public init(bounds: [Double]) {
        self.bounds = bounds
        cumulative = Array(repeating: 0, count: bounds.count)
    }

    /// Counts one more.
    public mutating func note(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        for (index, bound) in bounds.enumerated() where seconds <= bound { cumulative[index] += 1 }
        count += 1
        sum += seconds
    }
}
