/// The results of a run as they are judged: each by itself, or those of long runs for the most part only counted.
public struct RunResults: Sendable {
    /// What is judged result by result: with re-runs, and with all answers to the batch that is drawn for the run alone.
    public var whole: [Observation]
    /// The batches that are only counted; nil where all results are judged one by one.
    public var counted: CountedBatches?

    /// Results that are all judged one by one, unless some are counted.
    public init(whole: [Observation], counted: CountedBatches? = nil) {
        self.whole = whole
        self.counted = counted
    }
}
