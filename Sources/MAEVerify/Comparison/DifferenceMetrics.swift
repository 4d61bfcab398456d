import MAETensor

/// How far two tensors of one shape lie apart, in numbers.
public struct DifferenceMetrics: Sendable, Equatable {
    /// Which output was measured.
    public enum Subject: String, Sendable, CaseIterable {
        /// The whole layernorm output.
        case layernorm
        /// Its mean over the tokens.
        case pooled
    }

    /// Which output was measured.
    public var subject: Subject
    /// Number of elements.
    public var count = 0
    /// Elements whose bits differ, one NaN being like another.
    public var differing = 0
    /// Largest absolute difference; infinite when one side is not finite and the other has another value.
    public var maximum = 0.0
    /// Root of the mean squared difference; infinite when ``maximum`` is.
    public var rms = 0.0
    /// Index of the element where ``maximum`` is, outermost dimension first; nil when nothing differs.
    public var place: [Int]?
    /// The two values at ``place``, left and right.
    public var values: (left: Float, right: Float)?
    /// The smallest `atol` that would pass with the `rtol` at hand; nil when none would.
    public var requiredAtol: Double?

    /// Numbers that were measured before.
    package init(
        subject: Subject, count: Int, differing: Int, maximum: Double, rms: Double, place: [Int]?,
        values: (left: Float, right: Float)?, requiredAtol: Double?
    ) {
        self.subject = subject
        self.count = count
        self.differing = differing
        self.maximum = maximum
        self.rms = rms
        self.place = place
        self.values = values
        self.requiredAtol = requiredAtol
    }

    /// Measures `left` against `right`; nil when their shapes differ.
    public init?(of subject: Subject, _ left: Tensor, _ right: Tensor, rtol: Float) {
        guard left.shape == right.shape else { return nil }
        self.subject = subject
        count = left.count
        var squares = 0.0
        var required = 0.0
        var worst: Int?
        left.withUnsafeElements { left in
            right.withUnsafeElements { right in
                for index in 0..<count {
                    let (a, b) = (left[index], right[index])
                    guard a.bitPattern != b.bitPattern, !(a.isNaN && b.isNaN) else { continue }
                    differing += 1
                    guard a != b else { continue }
                    let distance = a.isFinite && b.isFinite ? abs(Double(a) - Double(b)) : .infinity
                    squares += distance * distance
                    required = max(required, distance - Double(rtol) * Double(max(abs(a), abs(b))))
                    if !distance.isFinite { required = .infinity }
                    if distance > maximum {
                        (maximum, worst, values) = (distance, index, (a, b))
                    }
                }
            }
        }
        rms = count == 0 ? 0 : (squares / Double(count)).squareRoot()
        requiredAtol = required.isFinite ? required : nil
        place = worst.map { Self.place($0, in: left.shape) }
    }

    /// Whether `tolerance` lets the difference pass; its `rtol` must be the one measured with.
    public func passes(_ tolerance: Tolerance) -> Bool {
        requiredAtol.map { $0 <= Double(tolerance.atol) } ?? false
    }

    private static func place(_ index: Int, in shape: [Int]) -> [Int] {
        var rest = index
        var place: [Int] = []
        for extent in shape.reversed() {
            place.append(rest % extent)
            rest /= extent
        }
        return place.reversed()
    }

    /// Whether all numbers are the same.
    public static func == (left: DifferenceMetrics, right: DifferenceMetrics) -> Bool {
        (left.subject, left.count, left.differing, left.maximum, left.rms)
            == (right.subject, right.count, right.differing, right.maximum, right.rms)
            && left.place == right.place && left.requiredAtol == right.requiredAtol
            && left.values?.left == right.values?.left && left.values?.right == right.values?.right
    }
}
