import MAEDomain

/// The shards that are due in one place, and which of them wait to be granted.
///
/// Shards of one method follow each other. No assignment is made for a shard before it is granted: a place with a million
/// shards to run holds their rows, in an array that places share, and a cursor for each method.
struct WorkQueue: Sendable {
    /// The positions of one method.
    private struct Segment: Sendable {
        let method: Int
        let end: Int
        /// No position before it waits for the node whose place this is.
        var cursor: Int
    }

    /// Rows in the shard table.
    private(set) var rows: [Int32] = []
    private var segments: [Segment] = []
    /// Positions in ``rows`` that wait for a grant.
    private(set) var pending = PositionSet(end: 0)
    /// The leases of positions that were granted before and wait again.
    private var reopened: [Int: LeaseID] = [:]

    /// Adds shards of one method at the end; their rows rise, and are above those added before.
    mutating func append(_ added: [Int32], method: Int) {
        guard !added.isEmpty else { return }
        let start = rows.count
        // The first rows are shared with other places rather than copied.
        if start == 0 { rows = added } else { rows += added }
        segments.append(Segment(method: method, end: rows.count, cursor: start))
        pending.append(added.count)
    }

    func row(at position: Int) -> Int { Int(rows[position]) }

    /// The position of a row; nil when it is not due here.
    func position(of row: Int) -> Int? {
        // Rows are given out in rising order, and added in that order.
        let position = rows.index(notBelow: Int32(truncatingIfNeeded: row))
        return position < rows.count && rows[position] == row ? position : nil
    }

    /// Whether a row is due here and waits for a grant.
    func isPending(row: Int) -> Bool { position(of: row).map(pending.contains) ?? false }

    /// Takes a position out of what is pending, to be granted; returns the lease that it had before.
    mutating func take(_ position: Int) -> LeaseID? {
        pending.remove(position)
        return reopened.removeValue(forKey: position)
    }

    /// Puts a row back that is due here and was granted as `lease`.
    mutating func giveBack(row: Int, _ lease: LeaseID) {
        guard let position = position(of: row) else {
            preconditionFailure("what was granted is due where it was taken")
        }
        pending.insert(position)
        reopened[position] = lease
        if let index = segments.firstIndex(where: { position < $0.end }) {
            segments[index].cursor = min(segments[index].cursor, position)
        }
    }

    /// Makes everything pending, as if nothing had been granted.
    mutating func restart() {
        pending = PositionSet(end: rows.count)
        reopened = [:]
        rewind()
    }

    /// Moves all cursors back to the start: the place has a new owner, or more that its owner may run.
    mutating func rewind() {
        var start = 0
        for index in segments.indices {
            segments[index].cursor = start
            start = segments[index].end
        }
    }

    /// The next pending position whose shard `owner`, the node whose place this is, should run: one of `method` if there is one.
    ///
    /// Positions that it should not run are skipped until ``rewind()``.
    mutating func next(preferring method: Int?, of shards: borrowing ShardTable, for owner: NodeNumber) -> Int? {
        if let method {
            for index in segments.indices where segments[index].method == method {
                if let found = next(in: index, of: shards, for: owner) { return found }
            }
        }
        for index in segments.indices where segments[index].method != method {
            if let found = next(in: index, of: shards, for: owner) { return found }
        }
        return nil
    }

    private mutating func next(in index: Int, of shards: borrowing ShardTable, for owner: NodeNumber) -> Int? {
        let end = segments[index].end
        var cursor = segments[index].cursor
        while cursor < end, let position = pending.next(from: cursor), position < end {
            if shards.isWanted(row(at: position), from: owner) {
                segments[index].cursor = position
                return position
            }
            cursor = position + 1
        }
        segments[index].cursor = end
        return nil
    }
}
