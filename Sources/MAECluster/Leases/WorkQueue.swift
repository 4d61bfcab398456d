/// The shards that are due in one place, and which of them wait to be granted.
///
/// Shards of one method follow each other. Nothing is made for a shard before it is granted: a place that has a million
/// of them to run knows its course, which it shares with other places, and how far each stretch of it has been gone.
struct WorkQueue: Sendable {
    /// Shards of one method.
    private struct Stretch: Sendable {
        let method: Int
        let end: Int
        /// No position before it waits for the node whose place this is.
        var cursor: Int
    }

    /// Rows in the shard table.
    private(set) var course: [Int32] = []
    private var stretches: [Stretch] = []
    /// Positions in the course that wait for a grant.
    private(set) var pending = PositionSet(end: 0)
    /// The leases of positions that were granted before and wait again.
    private var reopened: [Int: LeaseID] = [:]

    /// Adds shards of one method at the end; their rows rise, and are above those added before.
    mutating func append(_ rows: [Int32], method: Int) {
        guard !rows.isEmpty else { return }
        let start = course.count
        // The first part of a course is shared with other places rather than copied.
        if start == 0 { course = rows } else { course += rows }
        stretches.append(Stretch(method: method, end: course.count, cursor: start))
        pending.append(rows.count)
    }

    func row(at position: Int) -> Int { Int(course[position]) }

    /// The position of a row; nil when it is not due here.
    func position(of row: Int) -> Int? {
        // Rows are given out in rising order, and added in that order.
        let position = course.index(notBelow: Int32(truncatingIfNeeded: row))
        return position < course.count && course[position] == row ? position : nil
    }

    /// Takes a position out of what is pending, to be granted; returns the lease that it had before.
    mutating func take(_ position: Int) -> LeaseID? {
        pending.remove(position)
        return reopened.removeValue(forKey: position)
    }

    /// Puts a position back that was granted as `lease`.
    mutating func giveBack(_ position: Int, _ lease: LeaseID) {
        pending.insert(position)
        reopened[position] = lease
        if let index = stretches.firstIndex(where: { position < $0.end }) {
            stretches[index].cursor = min(stretches[index].cursor, position)
        }
    }

    /// Makes everything pending, as if nothing had ever been granted.
    mutating func restart() {
        pending = PositionSet(end: course.count)
        reopened = [:]
        rewind()
    }

    /// Looks at everything again from the start: the place has a new owner, or more that its owner may run.
    mutating func rewind() {
        var start = 0
        for index in stretches.indices {
            stretches[index].cursor = start
            start = stretches[index].end
        }
    }

    /// The next pending position that the owner of the place can run: one of `method` if there is one.
    ///
    /// What he cannot run is not looked at again until ``rewind()``.
    mutating func next(preferring method: Int?, where canRun: (_ row: Int) -> Bool) -> Int? {
        if let method {
            for index in stretches.indices where stretches[index].method == method {
                if let found = next(in: index, where: canRun) { return found }
            }
        }
        for index in stretches.indices where stretches[index].method != method {
            if let found = next(in: index, where: canRun) { return found }
        }
        return nil
    }

    private mutating func next(in index: Int, where canRun: (_ row: Int) -> Bool) -> Int? {
        let end = stretches[index].end
        var cursor = stretches[index].cursor
        while cursor < end, let position = pending.next(from: cursor), position < end {
            if canRun(row(at: position)) {
                stretches[index].cursor = position
                return position
            }
            cursor = position + 1
        }
        stretches[index].cursor = end
        return nil
    }
}
