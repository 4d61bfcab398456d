import Foundation
import MAEVerify

/// One run, as the store knows it.
public struct RunRecord: Sendable, Equatable {
    /// What the run set out to do; its name is ``RunPlan/run``.
    public let plan: RunPlan
    /// When it began.
    public let started: Date
    /// How it ended; nil while it runs, and after a crash until it is resumed.
    public let ending: RunEnding?
    /// When a coordinator last said that it works on the run; nil when none did.
    public var alive: Date?
}

/// How a run ended.
public struct RunEnding: Sendable, Equatable {
    /// When.
    public let time: Date
    /// The verdict in a word, such as `agree`.
    public let verdict: String
    /// What mae-coord exited with.
    public let exitCode: Int32

    /// Describes an ending.
    public init(time: Date, verdict: String, exitCode: Int32) {
        self.time = time
        self.verdict = verdict
        self.exitCode = exitCode
    }
}

/// One line of the history that trends are drawn from.
public struct HistoryEntry: Sendable, Equatable {
    /// Name of the run.
    public let run: String
    /// When it began.
    public let started: Date
    /// How it ended; nil while it runs, and after a crash.
    public let ending: RunEnding?
    /// Nodes that took part.
    public let nodes: Int
    /// Results that are stored.
    public let results: Int
    /// Findings of any severity.
    public let findings: Int
    /// Mean time a result took to load its model, in seconds; nil without results.
    ///
    /// Those to the batch that the run drew for itself do not count, here and in ``meanForwardSeconds``: it is smaller than the others.
    public let meanLoadSeconds: Double?
    /// Mean time a result took to run the encoder, in seconds; nil without results.
    public let meanForwardSeconds: Double?

    /// How long the run took, in seconds; nil when it has not ended.
    public var seconds: Double? { ending.map { $0.time.timeIntervalSince(started) } }
}
