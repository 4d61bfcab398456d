/// How many keys were refused, by the address that they came from: so a flood from one address hides no other.
struct RefusalCounts {
    /// Addresses that are counted for themselves; those that come later are counted together.
    private static let mostAddresses = 1024
    /// Keys from one address that the report lists: a stranger draws as many as it likes.
    private static let mostListed = 8

    private var counts: [String: SparseCount] = [:]
    private var listed: [String: Set<[UInt8]>] = [:]

    /// Counts one more refusal; the count of the address when it should be told.
    mutating func next(at address: String) -> Int? { counts[counted(address), default: SparseCount()].next() }

    /// Whether the report is to list a key.
    mutating func lists(_ key: [UInt8], at address: String) -> Bool {
        let address = counted(address)
        if listed[address]?.contains(key) == true { return true }
        guard listed[address]?.count ?? 0 < Self.mostListed else { return false }
        listed[address, default: []].insert(key)
        return true
    }

    private func counted(_ address: String) -> String {
        counts[address] != nil || counts.count < Self.mostAddresses ? address : ""
    }
}
