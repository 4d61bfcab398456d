import MAEThreads
import Synchronization

/// Work on independent items, on all cores.
package enum Parallel {
    /// `transform` of every item, in the order of the items.
    ///
    /// Throws the error of the earliest item that failed.
    package static func map<Item: Sendable, Output: Sendable>(
        _ items: [Item], _ transform: @Sendable (Item) throws(CheckpointError) -> Output
    ) throws(CheckpointError) -> [Output] {
        let results = Mutex<[Result<Output, CheckpointError>?]>(Array(repeating: nil, count: items.count))
        ParallelLoop.run("mae-files", count: items.count) { index in
            let result = Result { () throws(CheckpointError) in try transform(items[index]) }
            results.withLock { $0[index] = result }
        }
        var outputs: [Output] = []
        outputs.reserveCapacity(items.count)
        for case let result? in results.withLock({ $0 }) { outputs.append(try result.get()) }
        return outputs
    }
}
