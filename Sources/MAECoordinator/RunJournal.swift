import MAEDomain
import MAEStore
import MAEVerify

/// Where a run is recorded: the store behind a thread of its own, or the one of a simulation.
protocol RunJournal: AnyObject {
    /// Hands over what is to be recorded, in one piece; `leases` are those whose results are in it.
    func post(_ changes: Changes, acknowledging leases: [Lease])

    /// The leases whose results have become durable since the last call.
    ///
    /// - Throws: what kept something from being recorded; nothing is recorded after that.
    func takeStored() throws -> [Lease]

    /// The nodes that are to be drained, when others are than at the last call.
    func takeDrains() -> Set<String>?

    /// Whether so much waits to be recorded, and `bytes` that were not posted yet, that no more should be taken in.
    func isFull(with bytes: Int) -> Bool

    /// Results that are posted or being written.
    var unwritten: Int { get }

    /// How long transactions took.
    var commits: Histogram { get }

    /// What nodes observed, once everything that was posted is durable: in long runs, what is judged one by one.
    func results() throws -> RunResults
}
