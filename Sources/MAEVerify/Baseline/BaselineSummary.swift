/// What came of setting a run against a baseline, in figures.
public struct BaselineSummary: Sendable, Hashable {
    /// The file of the baseline, as it was named.
    public var file: String
    /// The run that it was made of.
    public var run: String
    /// How many results had its bits, how many had others, and how many nothing in it stands for.
    public var held, changed, unchecked: Int

    /// Collects figures.
    public init(file: String, run: String, held: Int, changed: Int, unchecked: Int) {
        (self.file, self.run) = (file, run)
        (self.held, self.changed, self.unchecked) = (held, changed, unchecked)
    }
}
