/// One metric with its samples, as Prometheus knows them.
public struct MetricFamily: Sendable {
    /// What the numbers mean over time.
    public enum Kind: String, Sendable {
        /// Goes up only, and begins at 0 again with a new process.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts how many were no larger than each of some bounds.
        case histogram
    }

    /// A number.
    struct Sample: Sendable {
        /// What is added to the name of the metric.
        var suffix = ""
        let labels: [(name: String, value: String)]
        let value: Double
    }

    let name: String
    let kind: Kind
    let help: String
    let samples: [Sample]

    /// A metric with one number.
    public init(_ kind: Kind, _ name: String, _ help: String, _ value: Double) {
        self.init(name: name, kind: kind, help: help, samples: [Sample(labels: [], value: value)])
    }

    /// A metric with one number for each value of a label, in the order of the values.
    public init(_ kind: Kind, _ name: String, _ help: String, by label: String, _ values: [String: Double]) {
        self.init(
            name: name, kind: kind, help: help,
            samples: values.sorted { $0.key < $1.key }.map { Sample(labels: [(label, $0.key)], value: $0.value) })
    }

    /// A histogram: for each upper bound, ascending, how many were no larger; and the count and sum of all.
    public init(
        histogram name: String, _ help: String, bounds: [Double], cumulative: [Int], count: Int, sum: Double
    ) {
        let buckets = zip(bounds + [.infinity], cumulative + [count]).map { bound, count in
            Sample(suffix: "_bucket", labels: [("le", PrometheusText.number(bound))], value: Double(count))
        }
        self.init(
            name: name, kind: .histogram, help: help,
            samples: buckets + [
                Sample(suffix: "_sum", labels: [], value: sum),
                Sample(suffix: "_count", labels: [], value: Double(count)),
            ])
    }

    private init(name: String, kind: Kind, help: String, samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}
