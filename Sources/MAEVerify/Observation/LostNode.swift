import MAEText

/// A node that took part, and was gone before its share of a run was done.
public struct LostNode: Sendable, Hashable {
    /// What a node ran when it was lost.
    public struct Job: Sendable, Hashable {
        /// Label of the loading method.
        public var method: String
        /// Index of the batch.
        public var batch: Int

        /// Names a job.
        public init(method: String, batch: Int) {
            self.method = method
            self.batch = batch
        }
    }

    /// Its name.
    public var name: String
    /// Why it is gone, for programs: `silent`, `superseded`, `left` or `expelled`.
    public var code: String
    /// The same in words.
    public var reason: String
    /// How long the coordinator had been at work then, in seconds; nil for a node of an earlier coordinator that never came back.
    public var after: Double?
    /// Shards of which it had handed in the result.
    public var results: Int
    /// Shards that it was to run; nil where nodes share them out.
    public var share: Int?
    /// What it ran; nil when it ran nothing.
    public var job: Job?

    /// Describes a node that is gone.
    public init(
        name: String, code: String, reason: String, after: Double? = nil, results: Int, share: Int? = nil,
        job: Job? = nil
    ) {
        (self.name, self.code, self.reason, self.after) = (name, code, reason, after)
        (self.results, self.share, self.job) = (results, share, job)
    }

    /// `b was lost 12 s after the start, with 3 of its 6 shards done, while it ran full, batch 1: nothing was heard of it`.
    public var words: String {
        guard let after else { return "\(name) took part before, \(work), and did not come back" }
        let verb = code == "left" ? "left" : "was lost"
        let running = job.map { ", while it ran `\($0.method)` batch \($0.batch)" } ?? ""
        return "\(name) \(verb) \(NumberText.short(after)) s after the start, \(work)\(running): \(reason)"
    }

    private var work: String {
        guard let share else { return "with \(NumberText.count(results, "shard")) done" }
        return results == 0
            ? "before any of its \(share) shards was done" : "with \(results) of its \(share) shards done"
    }
}
