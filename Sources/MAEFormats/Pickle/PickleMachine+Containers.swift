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
            try takeElements(elements.count)
            heap.sets[index] += elements
        default: preconditionFailure("\(opcode) concerns no container")
        }
    }

    private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
        try push(try makeTuple(try pop(count)))
    }

    mutating func makeTuple(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try takeObject()
        try takeElements(elements.count)
        heap.tuples.append(elements)
        return .tuple(heap.tuples.count - 1)
    }

    mutating func makeList(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try takeObject()
        try takeElements(elements.count)
        heap.lists.append(elements)
        return .list(heap.lists.count - 1)
    }

    mutating func makeSet(_ elements: [PickleSlot]) throws(CheckpointError) -> PickleSlot {
        try takeObject()
        try takeElements(elements.count)
        heap.sets.append(elements)
        return .set(heap.sets.count - 1)
    }

    mutating func makeDictionary() throws(CheckpointError) -> PickleSlot {
        try takeObject()
        heap.dictionaries.append(.init())
        return .dictionary(heap.dictionaries.count - 1)
    }

    private mutating func append(_ elements: [PickleSlot], to target: PickleSlot) throws(CheckpointError) {
        try takeElements(elements.count)
        switch target {
        case .list(let index): heap.lists[index] += elements
        case .object(let index): heap.objects[index].items += elements
        default: throw cursor.malformed("APPEND on something that is no list.")
        }
    }

    /// Sets keys and values, which alternate in `flat`.
    mutating func setItems(_ flat: [PickleSlot], on target: PickleSlot) throws(CheckpointError) {
        guard flat.count.isMultiple(of: 2) else { throw cursor.malformed("A key without a value.") }
        try takeElements(flat.count)
        // Taken out of the heap meanwhile, so that it is changed in place.
        var dictionary = PickleHeap.Dictionary()
        switch target {
        case .dictionary(let index): swap(&dictionary, &heap.dictionaries[index])
        case .object(let index): swap(&dictionary, &heap.objects[index].entries)
        default: throw cursor.malformed("SETITEM on something that is no dictionary.")
        }
        for position in stride(from: 0, to: flat.count, by: 2) {
            try set(flat[position + 1], of: flat[position], in: &dictionary)
        }
        switch target {
        case .dictionary(let index): heap.dictionaries[index] = dictionary
        case .object(let index): heap.objects[index].entries = dictionary
        default: preconditionFailure("a target without entries was refused")
        }
    }

    private mutating func set(
        _ value: PickleSlot, of key: PickleSlot, in dictionary: inout PickleHeap.Dictionary
    ) throws(CheckpointError) {
        if let position = try position(of: key, in: dictionary) {
            dictionary.entries[position].value = value
            guard listsFindings else { return }
            let name = text(key).map { "'\(String(decoding: $0.utf8.prefix(80), as: UTF8.self))'" } ?? "of an entry"
            note("the key \(name) comes twice; the last one counts.")
            return
        }
        dictionary.index?[heap.key(key)] = dictionary.entries.count
        dictionary.entries.append((key: key, value: value))
        if dictionary.index == nil, dictionary.entries.count > PickleHeap.Dictionary.unindexedCount {
            var index: [PickleKey: Int] = [:]
            for (position, entry) in dictionary.entries.enumerated() {
                try takeBytes(heap.keySize(entry.key))
                index[heap.key(entry.key)] = position
            }
            dictionary.index = index
        }
    }

    /// Position of the entry whose key is equal; lists and dictionaries cannot be keys.
    private mutating func position(
        of key: PickleSlot, in dictionary: PickleHeap.Dictionary
    ) throws(CheckpointError) -> Int? {
        switch key {
        case .list, .dictionary: throw cursor.malformed("A list or dictionary as key of a dictionary.")
        default: break
        }
        if let index = dictionary.index {
            try takeBytes(heap.keySize(key))
            return index[heap.key(key)]
        }
        for (position, entry) in dictionary.entries.enumerated() {
            // Equal texts of two objects are compared to their ends.
            if entry.key != key { try takeBytes(min(heap.keySize(key), heap.keySize(entry.key)) >> 3) }
            if heap.isSameKey(entry.key, key) { return position }
        }
        return nil
    }
}
