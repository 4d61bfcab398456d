import MAEVerify

/// How far two outputs lie apart, in a document.
struct StoredMetrics: Codable, Hashable {
    /// The two values at the place of the largest difference, as bit patterns of fp32: a NaN keeps its bits.
    struct Values: Codable, Hashable {
        var left, right: UInt32
    }

    var subject: StoredWord<DifferenceMetrics.Subject>
    var count, differing: Int
    var maximum, rms: Double
    var place: [Int]?
    var values: Values?
    var requiredAtol: Double?

    init(_ metrics: DifferenceMetrics) {
        subject = StoredWord(metrics.subject)
        (count, differing) = (metrics.count, metrics.differing)
        (maximum, rms, requiredAtol) = (metrics.maximum, metrics.rms, metrics.requiredAtol)
        place = metrics.place
        values = metrics.values.map { Values(left: $0.left.bitPattern, right: $0.right.bitPattern) }
    }

    /// The numbers as they were.
    var metrics: DifferenceMetrics {
        DifferenceMetrics(
            subject: subject.value, count: count, differing: differing, maximum: maximum, rms: rms, place: place,
            values: values.map { (Float(bitPattern: $0.left), Float(bitPattern: $0.right)) },
            requiredAtol: requiredAtol)
    }
}
