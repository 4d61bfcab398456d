extension PickleMachine {
    mutating func carryOutOnContainer(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .emptyTuple: try push(try makeTuple([]))
        case .tuple: try push(try makeTuple(try popToMark()))
        case .tuple1: try pushTuple(1)
        case .tuple2: try pushTuple(2)
        case .tuple3: try pushTuple(3)
        case .emptyList: try push(try makeList([]))
        case .list: try push(try makeList(try popToMark()))
        case .append:
            let element = try pop()
            try append([element], to: try top())
        case .appends:
            let elements = try popToMark()
            try append(elements, to: try top())
        case .emptyDictionary: try push(try makeDictionary())
        case .dictionary:
            let flat = try popToMark()
            let dictionary = try makeDictionary()
            try setItems(flat, on: dictionary)
            try push(dictionary)
        case .setItem:
            let value = try pop()
            let key = try pop()
            try setItems([key, value], on: try top())
        case .setItems:
            let flat = try popToMark()
            try setItems(flat, on: try top())
        case .emptySet: try push(try makeSet([]))
        case .frozenSet: try push(try makeSet(try popToMark()))
        case .addItems:
            let elements = try popToMark()
            guard case .set(let index) = try top() else {
                throw cursor.malformed("ADDITEMS on something that is no set.")
            }
            try take(elements.count, from: \.elements)
            heap.sets[index] += elements
        default: preconditionFailure("\(opcode) concerns no container")
        }
    }

    private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
        var elements: [PickleSlot] = []
        for _ in 0..<count { elements.append(try pop()) }
        try push(try makeTuple(elements.reversed()))
    }

    mutating func makeTuple(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try take(1, from: \.objects)
        try take(elements.count, from: \.elements)
        heap.tuples.append(elements)
        return .tuple(heap.tuples.count - 1)
    }

    mutating func makeList(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try take(1, from: \.objects)
        try take(elements.count, from: \.elements)
        heap.lists.append(elements)
        return .list(heap.lists.count - 1)
    }

    mutating func makeSet(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try take(1, from: \.objects)
        try take(elements.count, from: \.elements)
        heap.sets.append(elements)
        return .set(heap.sets.count - 1)
    }

    mutating func makeDictionary() throws(CheckpointError) -> PickleSlot {
        try take(1, from: \.objects)
        heap.dictionaries.append(.init())
        return .dictionary(heap.dictionaries.count - 1)
    }

    private mutating func append(_ elements: [PickleSlot], to target: PickleSlot) throws(CheckpointError) {
        try take(elements.count, from: \.elements)
        switch target {
        case .list(let index): heap.lists[index] += elements
        case .object(let index): heap.objects[index].items += elements
        default: throw cursor.malformed("APPEND on something that is no list.")
        }
    }

    /// Sets keys and values, which alternate in `flat`.
    mutating func setItems(_ flat: [PickleSlot], on target: PickleSlot) throws(CheckpointError) {
        guard flat.count.isMultiple(of: 2) else { throw cursor.malformed("A key without a value.") }
        try take(flat.count, from: \.elements)
        for position in stride(from: 0, to: flat.count, by: 2) {
            let key = try self.key(flat[position])
            let entry = (flat[position], flat[position + 1])
            let isNew =
                switch target {
                case .dictionary(let index): heap.dictionaries[index].set(entry, key: key)
                case .object(let index): heap.objects[index].entries.set(entry, key: key)
                default: throw cursor.malformed("SETITEM on something that is no dictionary.")
                }
            if !isNew {
                note(
                    "the key \(text(flat[position]).map { "'\($0)'" } ?? "of an entry") comes twice; the last one counts."
                )
            }
        }
    }

    /// What a dictionary key is compared by; lists and dictionaries cannot be keys.
    private mutating func key(_ slot: PickleSlot) throws(CheckpointError) -> PickleKey {
        switch slot {
        case .string(let index):
            let text = Array(heap.strings[index].utf8)
            try take(text.count, from: \.bytes)
            return .text(text)
        case .bytes(let index):
            try take(heap.bytes[index].count, from: \.bytes)
            return .bytes(heap.bytes[index])
        case .bool(let value): return .slot(.int(value ? 1 : 0))
        case .float(let value): return .slot(Int64(exactly: value).map(PickleSlot.int) ?? slot)
        case .list, .dictionary: throw cursor.malformed("A list or dictionary as key of a dictionary.")
        default: return .slot(slot)
        }
    }
}

extension PickleHeap.Dictionary {
    /// Sets an entry; false when the key was there and its value was replaced.
    mutating func set(_ entry: (PickleSlot, PickleSlot), key: PickleKey) -> Bool {
        if let position = positions[key] {
            entries[position].value = entry.1
            return false
        }
        positions[key] = entries.count
        entries.append((key: entry.0, value: entry.1))
        return true
    }
}
