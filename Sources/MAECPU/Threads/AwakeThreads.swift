import Synchronization

/// Counts the threads, of all pools, that compute or look for work: what tells when spinning takes a processor away from
/// somebody who computes.
final class AwakeThreads: Sendable {
    /// Those of this process: engines in one process share its processors.
    static let ofProcess = AwakeThreads(processors: Processor.usableCount)

    private let processors: Int
    private let number = Atomic<Int>(0)

    /// A count of threads that share `processors` processors.
    init(processors: Int) {
        self.processors = processors
    }

    /// Threads awake now.
    var count: Int { number.load(ordering: .relaxed) }

    /// Whether each of them has a processor of its own.
    var haveRoom: Bool { count <= processors }

    func add() { number.add(1, ordering: .relaxed) }
    func remove() { number.subtract(1, ordering: .relaxed) }
}
