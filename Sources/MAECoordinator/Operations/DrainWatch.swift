import Foundation
import MAEStore

/// Looks twice a second at which nodes the store says are to be drained.
struct DrainWatch {
    /// How long to wait between two looks.
    static let interval = Duration.milliseconds(500)

    private var next = ContinuousClock.now
    private var known: Set<String>?

    /// The nodes that are to be drained, when they are others than at the last look.
    mutating func look(at store: Store) throws -> Set<String>? {
        guard ContinuousClock.now >= next else { return nil }
        next = ContinuousClock.now + Self.interval
        let nodes = Set(try store.drainOrders().map(\.node))
        guard nodes != known else { return nil }
        known = nodes
        return nodes
    }
}
