/// Counts something that may come in floods, and says when it is worth a line in the log: at each doubling.
struct SparseCount: Sendable {
    private var count = 0

    /// Counts one more; the count when it should be told.
    mutating func next() -> Int? {
        count += 1
        return count & (count - 1) == 0 ? count : nil
    }
}
