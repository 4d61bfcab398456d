/// How long the jobs of each method take.
struct Pace: Sendable {
    /// The last durations of a method, oldest first, and the same in order of length.
    private struct Sample: Sendable {
        var latest: [Duration] = []
        var ordered: [Duration] = []
        var oldest = 0
    }

    /// Durations a judgement rests on: fewer say nothing.
    private static let enough = 10
    private static let most = 100

    private var samples: [Int: Sample] = [:]

    /// Notes that a job of a method took so long; returns whether that method's durations are enough from now on.
    mutating func note(_ duration: Duration, method: Int) -> Bool {
        var sample = samples.removeValue(forKey: method) ?? Sample()
        if sample.latest.count < Self.most {
            sample.latest.append(duration)
        } else {
            sample.ordered.remove(at: sample.ordered.index(notBelow: sample.latest[sample.oldest]))
            sample.latest[sample.oldest] = duration
            sample.oldest = (sample.oldest + 1) % Self.most
        }
        sample.ordered.insert(duration, at: sample.ordered.index(notBelow: duration))
        samples[method] = sample
        return sample.latest.count == Self.enough
    }

    /// What a job of a method usually takes; nil while there are not enough durations.
    func median(method: Int) -> Duration? {
        guard let ordered = samples[method]?.ordered, ordered.count >= Self.enough else { return nil }
        return ordered[ordered.count / 2]
    }

    /// Twice the median or the 95th percentile, whichever is longer; nil while there are not enough durations.
    func limit(method: Int) -> Duration? {
        guard let ordered = samples[method]?.ordered, ordered.count >= Self.enough else { return nil }
        return max(ordered[ordered.count / 2] * 2, ordered[ordered.count * 95 / 100])
    }
}
