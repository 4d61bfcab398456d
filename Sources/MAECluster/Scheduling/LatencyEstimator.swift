/// How long the jobs of each method take, from the last of them.
struct LatencyEstimator: Sendable {
    /// The last durations of a method, oldest first, and the same in order of length.
    private struct Sample: Sendable {
        var latest: [Duration] = []
        var ordered: [Duration] = []
        var oldest = 0
    }

    /// Fewer durations than this are no basis for an estimate.
    private static let leastSamples = 10
    private static let mostSamples = 100

    private var samples: [Int: Sample] = [:]

    /// Records how long a job of a method took; returns whether there are enough durations from now on.
    mutating func record(_ duration: Duration, method: Int) -> Bool {
        var sample = samples.removeValue(forKey: method) ?? Sample()
        if sample.latest.count < Self.mostSamples {
            sample.latest.append(duration)
        } else {
            sample.ordered.remove(at: sample.ordered.index(notBelow: sample.latest[sample.oldest]))
            sample.latest[sample.oldest] = duration
            sample.oldest = (sample.oldest + 1) % Self.mostSamples
        }
        sample.ordered.insert(duration, at: sample.ordered.index(notBelow: duration))
        samples[method] = sample
        return sample.latest.count == Self.leastSamples
    }

    /// What a job of a method usually takes; nil while there are not enough durations.
    func median(method: Int) -> Duration? {
        guard let ordered = samples[method]?.ordered, ordered.count >= Self.leastSamples else { return nil }
        return ordered[ordered.count / 2]
    }

    /// The same from two durations on, the longer of two: enough to tell what is far too long.
    func roughMedian(method: Int) -> Duration? {
        guard let ordered = samples[method]?.ordered, ordered.count >= 2 else { return nil }
        return ordered[ordered.count / 2]
    }

    /// Twice the median or the 95th percentile, whichever is longer; nil while there are not enough durations.
    func stragglerLimit(method: Int) -> Duration? {
        guard let ordered = samples[method]?.ordered, ordered.count >= Self.leastSamples else { return nil }
        return max(ordered[ordered.count / 2] * 2, ordered[ordered.count * 95 / 100])
    }
}
