/// The objects that a pickle refers to again, by number.
///
/// Pickles number them from 0 on, so they stand in an array; numbers far beyond it, which only a strange pickle has, are looked
/// up.
struct PickleMemo {
    private var dense: [PickleSlot?] = []
    private var sparse: [UInt32: PickleSlot] = [:]
    private var count = 0

    /// Most numbers that may be left out in a row: each of them takes room, and next to nothing of the file.
    private static let largestGap = 4

    /// Numbers that the array has room for.
    var room: Int { dense.count }

    /// The number that MEMOIZE gives: how many objects are stored.
    var next: UInt32 { UInt32(truncatingIfNeeded: count) }

    subscript(number: UInt32) -> PickleSlot? {
        get {
            let index = Int(number)
            return index < dense.count ? dense[index] : sparse[number]
        }
        set {
            let index = Int(number)
            if self[number] == nil { count += 1 }
            if index < dense.count {
                dense[index] = newValue
            } else if index - dense.count < Self.largestGap, sparse.isEmpty {
                while dense.count < index { dense.append(nil) }
                dense.append(newValue)
            } else {
                sparse[number] = newValue
            }
        }
    }
}
