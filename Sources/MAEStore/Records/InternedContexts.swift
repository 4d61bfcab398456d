/// Contexts that are in the database, so that a result like the one before it needs no look at them.
struct InternedContexts {
    struct Entry {
        let context: StoredContext
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

    subscript(context: StoredContext, run run: Int64) -> Entry? {
        guard let entry = entries[key(context, run)], entry.context == context else { return nil }
        return entry
    }

    mutating func insert(_ context: StoredContext, run: Int64, node: Int64, identifier: Int64) -> Entry {
        if entries.count >= Self.mostEntries { entries = [:] }
        let entry = Entry(context: context, node: node, identifier: identifier)
        entries[key(context, run)] = entry
        return entry
    }

    private func key(_ context: StoredContext, _ run: Int64) -> Key {
        Key(run: run, node: context.node.name, method: context.method.label, attempt: context.attempt)
    }
}
