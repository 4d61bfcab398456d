import Foundation

/// How much of a test with thousands of cases is run.
///
/// `Tests/run` runs all of them; `Tests/run --quick` sets `MAE_TEST_SAMPLE` and runs few, since its build is not optimized.
public enum Sampling {
    /// Whether only a sample is wanted.
    public static let isOn = ProcessInfo.processInfo.environment["MAE_TEST_SAMPLE"] != nil
}

extension RandomAccessCollection {
    /// All elements; or, when only a sample is wanted, at most `count` of them at equal distances, from the first on.
    public func sampled(_ count: Int = 40) -> [Element] {
        guard Sampling.isOn, self.count > count else { return Array(self) }
        return (0..<count).map { self[index(startIndex, offsetBy: $0 * self.count / count)] }
    }
}
