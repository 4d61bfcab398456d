/// How dictionary keys are compared.
///
/// Strings are compared by their code units as Python does, where Swift holds canonically equivalent ones equal. Tuples
/// and objects are compared by identity.
extension PickleHeap {
    /// A hash that equal keys share; seeded for each process, so that no file can be made of keys that collide.
    func hash(_ slot: PickleSlot) -> Int {
        var hasher = Hasher()
        switch slot {
        case .string(let index): strings.withUTF8(of: index) { hasher.combine(bytes: $0) }
        case .bytes(let index): bytes[index].withUnsafeBytes { hasher.combine(bytes: $0) }
        default: hasher.combine(Self.plain(slot))
        }
        return hasher.finalize()
    }

    /// Whether two keys are one; most keys that come again are the same object.
    func isSameKey(_ one: PickleSlot, _ other: PickleSlot) -> Bool {
        if one == other { return true }
        switch (one, other) {
        case (.string(let mine), .string(let theirs)): return strings.areEqual(mine, theirs)
        case (.bytes(let mine), .bytes(let theirs)): return bytes[mine] == bytes[theirs]
        // NaN, too, is one key: a file of nothing else would otherwise be one of keys that collide.
        case (.float(let mine), .float(let theirs)): return mine == theirs || mine.isNaN && theirs.isNaN
        default: return Self.plain(one) == Self.plain(other)
        }
    }

    /// The integer that a boolean or float is equal to; any other key as it is, with one NaN for all.
    private static func plain(_ slot: PickleSlot) -> PickleSlot {
        switch slot {
        case .bool(let value): .int(value ? 1 : 0)
        case .float(let value): Int64(exactly: value).map(PickleSlot.int) ?? .float(value.isNaN ? .nan : value)
        default: slot
        }
    }

    /// Bytes of the text or byte string in `slot`; 0 for other keys.
    func keySize(_ slot: PickleSlot) -> Int {
        switch slot {
        case .string(let index): strings.byteCount(of: index)
        case .bytes(let index): bytes.byteCount(of: index)
        default: 0
        }
    }

    /// Position of the entry of a string key; nil when there is none.
    func position(of text: String, in dictionary: Dictionary) -> Int? {
        func isText(_ position: Int) -> Bool {
            if case .string(let name) = dictionary.entries[position].key { strings.isEqual(name, text) } else { false }
        }
        guard !dictionary.index.isEmpty else { return dictionary.entries.indices.first(where: isText) }
        var hasher = Hasher()
        var key = text
        key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return dictionary.index.position(hash: hasher.finalize(), where: isText)
    }
}
