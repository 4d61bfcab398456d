/// What a dictionary key is compared by.
///
/// Strings are compared by their code units as Python does, where Swift holds canonically equivalent ones equal. Tuples
/// and objects are compared by identity.
package enum PickleKey: Sendable, Hashable {
    case text([UInt8])
    case bytes([UInt8])
    case slot(PickleSlot)
}

extension PickleHeap {
    /// What the key in `slot` is compared by.
    func key(_ slot: PickleSlot) -> PickleKey {
        switch slot {
        case .string(let index): .text(strings.withUTF8(of: index) { Array($0) })
        case .bytes(let index): .bytes(bytes[index])
        case .bool(let value): .slot(.int(value ? 1 : 0))
        case .float(let value): .slot(Int64(exactly: value).map(PickleSlot.int) ?? slot)
        default: .slot(slot)
        }
    }

    /// Bytes of the text or byte string in `slot`; 0 for other keys.
    func keySize(_ slot: PickleSlot) -> Int {
        switch slot {
        case .string(let index): strings.byteCount(of: index)
        case .bytes(let index): bytes[index].count
        default: 0
        }
    }

    /// Whether two keys are one; most keys that come again are the same object.
    func isSameKey(_ one: PickleSlot, _ other: PickleSlot) -> Bool {
        if one == other { return true }
        switch (one, other) {
        case (.string(let mine), .string(let theirs)): return strings.areEqual(mine, theirs)
        case (.string, _), (_, .string): return false
        default: return key(one) == key(other)
        }
    }

    /// Position of the entry of a string key; nil when there is none.
    func position(of text: String, in dictionary: Dictionary) -> Int? {
        if let index = dictionary.index { return index[.text(Array(text.utf8))] }
        return dictionary.entries.firstIndex { entry in
            if case .string(let name) = entry.key { strings.isEqual(name, text) } else { false }
        }
    }
}
