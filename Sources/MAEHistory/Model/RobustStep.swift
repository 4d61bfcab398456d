/// A lasting change of a level, told from noise by medians.
public struct RobustStep: Sendable, Hashable {
    /// Index of the first value of the new level.
    public let index: Int
    /// Median of the values before and after.
    public let from: Double, to: Double

    /// So many values make a level.
    static let window = 5
    /// So far apart are two levels at least, as a fraction of the first.
    static let threshold = 0.15

    /// The steps in `values`, where nil stands for a night without one: the median of five before against that of five after.
    static func all(_ values: [Double?]) -> [RobustStep] {
        let known = values.indices.filter { values[$0].map { $0.isFinite && $0 > 0 } ?? false }
        let levels = known.map { values[$0] ?? 0 }
        guard levels.count >= 2 * window else { return [] }
        let candidates = (window...levels.count - window).compactMap {
            place -> (place: Int, step: RobustStep, size: Double)? in
            let (before, after) = (median(levels[(place - window)..<place]), median(levels[place..<place + window]))
            let size = max(after / before, before / after) - 1
            guard abs(after / before - 1) > threshold else { return nil }
            return (place, RobustStep(index: known[place], from: before, to: after), size)
        }
        // Windows that overlap see one step several times: the place where the value itself moves most is the step.
        var steps: [RobustStep] = []
        var run: [(place: Int, step: RobustStep, size: Double)] = []
        func close() {
            let largest = run.map(\.size).max() ?? 0
            let best = run.filter { $0.size > largest * 0.8 }.max {
                abs(levels[$0.place] - levels[$0.place - 1]) < abs(levels[$1.place] - levels[$1.place - 1])
            }
            if let best { steps.append(best.step) }
        }
        for candidate in candidates {
            if let last = run.last, candidate.place > last.place + 1 {
                close()
                run = []
            }
            run.append(candidate)
        }
        close()
        return steps
    }

    /// The middle value; of an even number the upper of the two.
    static func median(_ values: some Collection<Double>) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }
}
