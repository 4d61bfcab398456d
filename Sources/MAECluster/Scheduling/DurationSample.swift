/// The last durations of something, so many at most.
struct DurationSample: Sendable {
    private let capacity: Int
    /// In a ring, of which ``oldest`` is replaced next.
    private var latest: [Duration] = []
    private var oldest = 0
    /// The same in order of length.
    private(set) var ordered: [Duration] = []

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { ordered.count }

    /// The middle duration, or the longer of the two in the middle; nil without any.
    var median: Duration? { ordered.isEmpty ? nil : ordered[ordered.count / 2] }

    mutating func add(_ duration: Duration) {
        if latest.count < capacity {
            latest.append(duration)
        } else {
            ordered.remove(at: ordered.index(notBelow: latest[oldest]))
            latest[oldest] = duration
            oldest = (oldest + 1) % capacity
        }
        ordered.insert(duration, at: ordered.index(notBelow: duration))
    }
}
