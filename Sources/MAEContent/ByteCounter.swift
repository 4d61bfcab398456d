import Synchronization

/// Adds up bytes that several threads have dealt with.
package final class ByteCounter: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let progress: @Sendable (_ done: Int, _ total: Int) throws -> Void

    /// Tells `progress` the sum and `total` at each addition.
    package init(total: Int, _ progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void) {
        self.total = total
        self.progress = progress
    }

    /// Adds bytes; throws what the progress throws.
    package func add(_ count: Int) throws {
        let sum = done.withLock { done in
            done += count
            return done
        }
        try progress(sum, total)
    }
}
