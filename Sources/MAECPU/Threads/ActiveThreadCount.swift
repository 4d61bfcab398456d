import Synchronization

/// Counts the threads, of all pools, that compute or spin for work: a spinning thread must not take a processor away from one
/// that computes.
final class ActiveThreadCount: Sendable {
    /// The count of this process: engines in one process share its processors.
    static let ofProcess = ActiveThreadCount(processors: Processor.usableCount)

    private let processors: Int
    private let number = Atomic<Int>(0)

    /// A count of threads that share `processors` processors.
    init(processors: Int) {
        self.processors = processors
    }

    /// Threads active now.
    var count: Int { number.load(ordering: .relaxed) }

    /// Whether more threads are active than there are processors.
    var isOversubscribed: Bool { count > processors }

    func add() { number.add(1, ordering: .relaxed) }
    func remove() { number.subtract(1, ordering: .relaxed) }
}
