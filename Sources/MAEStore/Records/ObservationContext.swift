import Foundation
import MAEDomain
import MAETensor
import MAEVerify

/// What the results of one node and method have in common: the node, the method, the weights, the configuration.
struct ObservationContext {
    /// An observation whose other fields are blank.
    let shared: Observation

    init(_ observation: Observation) {
        var shared = observation
        shared.batch = BatchIdentity(index: 0, seed: 0, size: observation.batch.size)
        shared.weights.manifest = nil
        shared.keptPatches = nil
        shared.digests = Self.noDigests
        shared.pooled = Self.noTensor
        shared.layernorm = nil
        shared.layers = nil
        shared.seconds = StageSeconds()
        self.shared = shared
    }

    /// The context as it lies in the store, under the digest of its bytes.
    var encoded: (digest: Data, content: Data) {
        get throws {
            let content = try JSONEncoder.store.encode(shared)
            return (Data(SHA256Digest(of: content).bytes), content)
        }
    }

    private static let noTensor = Tensor(shape: [0], elements: [])
    private static let noDigests: StageDigests = {
        let none = SHA256Digest(of: [])
        return StageDigests(
            input: none, noise: none, mask: none, order: none, layernorm: none, returned: none, pooled: none)
    }()
}

/// Contexts that are in the database, so that a result like the one before it needs no look at them.
struct InternedContexts {
    struct Entry {
        let shared: Observation
        /// Row of the node.
        let node: Int64
        /// Row of the context.
        let identifier: Int64
    }

    private struct Key: Hashable {
        let run: Int64
        let node, method: String
        let attempt: Int
    }

    /// Enough for every node of a large run with a few methods.
    private static let mostEntries = 1 << 14
    private var entries: [Key: Entry] = [:]

    subscript(context: ObservationContext, run run: Int64) -> Entry? {
        guard let entry = entries[key(context, run)], entry.shared == context.shared else { return nil }
        return entry
    }

    mutating func insert(_ context: ObservationContext, run: Int64, node: Int64, identifier: Int64) -> Entry {
        if entries.count >= Self.mostEntries { entries = [:] }
        let entry = Entry(shared: context.shared, node: node, identifier: identifier)
        entries[key(context, run)] = entry
        return entry
    }

    private func key(_ context: ObservationContext, _ run: Int64) -> Key {
        let shared = context.shared
        return Key(run: run, node: shared.node.name, method: shared.method.label, attempt: shared.attempt)
    }
}
