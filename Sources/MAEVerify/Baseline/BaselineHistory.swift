/// Since when runs have other bits than a baseline, as far as earlier runs of a store tell.
public struct BaselineHistory: Sendable {
    /// The last run whose results had the baseline's bits; nil where none is known.
    public var lastHeld: String?
    /// The first run after it whose results had others: this run, where every earlier one held.
    public var firstChanged: String
    /// How many runs in a row have had others, the one at hand included.
    public var runs: Int
    /// What changed between ``lastHeld`` and ``firstChanged``, a sentence for each.
    public var changes: [String]

    /// Collects what earlier runs tell.
    public init(lastHeld: String?, firstChanged: String, runs: Int, changes: [String]) {
        (self.lastHeld, self.firstChanged, self.runs, self.changes) = (lastHeld, firstChanged, runs, changes)
    }
}
