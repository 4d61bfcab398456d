/// How these tests were compiled.
public enum Build {
    /// Whether Swift was optimized, as in every build but that of `Tests/run --quick`.
    public static let isOptimized: Bool = {
        var isChecked = false
        // Only a build without optimization evaluates assertions.
        assert(
            {
                isChecked = true
                return true
            }())
        return !isChecked
    }()
}
