extension PickleMachine {
    mutating func executeContainerOpcode(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .emptyTuple: try push(try makeTuple([]))
        case .tuple: try pushTuple(from: try popMark())
        case .tuple1: try pushTuple(from: try start(ofTopmost: 1))
        case .tuple2: try pushTuple(from: try start(ofTopmost: 2))
        case .tuple3: try pushTuple(from: try start(ofTopmost: 3))
        case .emptyList: try push(try makeList([]))
        case .list:
            let start = try popMark()
            let list = try makeList(stack[start...])
            drop(from: start)
            try push(list)
        case .append: try append(from: try start(ofTopmost: 1))
        case .appends: try append(from: try popMark())
        case .emptyDictionary: try push(try makeDictionary())
        case .dictionary:
            let start = try popMark()
            let dictionary = try makeDictionary()
            try setItems(stack[start...], on: dictionary)
            drop(from: start)
            try push(dictionary)
        case .setItem: try setItems(from: try start(ofTopmost: 2))
        case .setItems: try setItems(from: try popMark())
        case .emptySet: try push(try makeSet([]))
        case .frozenSet:
            let start = try popMark()
            let set = try makeSet(stack[start...])
            drop(from: start)
            try push(set)
        case .addItems:
            let start = try popMark()
            guard case .set(let index) = try slot(below: start) else {
                throw cursor.malformed("ADDITEMS on something that is no set.")
            }
            try takeElements(stack.count - start)
            heap.sets[index] += stack[start...]
            drop(from: start)
        default: preconditionFailure("\(opcode) concerns no container")
        }
    }

    private mutating func pushTuple(from start: Int) throws(CheckpointError) {
        let tuple = try makeTuple(stack[start...])
        drop(from: start)
        try push(tuple)
    }

    /// Takes a step and the memory of a slot for each element of a container.
    private mutating func takeElements(_ count: Int) throws(CheckpointError) {
        try takeSteps(count)
        try takeMemory(count * PickleCost.slot)
    }

    mutating func makeTuple(_ elements: some Collection<PickleSlot>) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.room(Int.self) + PickleCost.container)
        try takeElements(elements.count)
        heap.tuples.append(elements)
        return .tuple(heap.tuples.count - 1)
    }

    mutating func makeList(_ elements: some Collection<PickleSlot>) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.room([PickleSlot].self) + PickleCost.container + PickleCost.block)
        try takeElements(elements.count)
        heap.lists.append(Array(elements))
        return .list(heap.lists.count - 1)
    }

    mutating func makeSet(_ elements: some Collection<PickleSlot>) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.room([PickleSlot].self) + PickleCost.container + PickleCost.block)
        try takeElements(elements.count)
        heap.sets.append(Array(elements))
        return .set(heap.sets.count - 1)
    }

    mutating func makeDictionary() throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.room(PickleHeap.Dictionary.self) + PickleCost.container + PickleCost.block)
        heap.dictionaries.append(.init())
        return .dictionary(heap.dictionaries.count - 1)
    }

    /// Appends the slots from `start` on to the list below them.
    private mutating func append(from start: Int) throws(CheckpointError) {
        try takeElements(stack.count - start)
        switch try slot(below: start) {
        case .list(let index): heap.lists[index] += stack[start...]
        case .object(let index): heap.objects[index].items += stack[start...]
        default: throw cursor.malformed("APPEND on something that is no list.")
        }
        drop(from: start)
    }

    /// Sets the keys and values from `start` on, which alternate, on the dictionary below them.
    private mutating func setItems(from start: Int) throws(CheckpointError) {
        try setItems(stack[start...], on: try slot(below: start))
        drop(from: start)
    }

    /// Sets keys and values, which alternate in `flat`.
    mutating func setItems(_ flat: ArraySlice<PickleSlot>, on target: PickleSlot) throws(CheckpointError) {
        guard flat.count.isMultiple(of: 2) else { throw cursor.malformed("A key without a value.") }
        try takeSteps(flat.count)
        // Taken out of the heap meanwhile, so that it is changed in place.
        var dictionary = PickleHeap.Dictionary()
        switch target {
        case .dictionary(let index): swap(&dictionary, &heap.dictionaries[index])
        case .object(let index): swap(&dictionary, &heap.objects[index].entries)
        default: throw cursor.malformed("SETITEM on something that is no dictionary.")
        }
        // Most dictionaries get all their entries here: no more room is taken than they need.
        if dictionary.entries.isEmpty { dictionary.entries.reserveCapacity(flat.count / 2) }
        for position in stride(from: flat.startIndex, to: flat.endIndex, by: 2) {
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
        dictionary.entries.append((key: key, value: value))
        try takeMemory(PickleCost.entry)
        guard dictionary.entries.count > PickleHeap.Dictionary.unindexedCount else { return }
        let entries = dictionary.entries
        if dictionary.index.isEmpty {
            for entry in entries { try takeSteps(heap.keySize(entry.key) >> 3) }
            try takeMemory(PickleCost.block + entries.count * PickleCost.indexedEntry)
        }
        try takeMemory(PickleCost.indexedEntry)
        dictionary.index.append(entries.count - 1) { heap.hash(entries[$0].key) }
    }

    /// Position of the entry whose key is equal; lists and dictionaries cannot be keys.
    private mutating func position(
        of key: PickleSlot, in dictionary: PickleHeap.Dictionary
    ) throws(CheckpointError) -> Int? {
        switch key {
        case .list, .dictionary: throw cursor.malformed("A list or dictionary as key of a dictionary.")
        default: break
        }
        if !dictionary.index.isEmpty {
            try takeSteps(heap.keySize(key) >> 3)
            return dictionary.index.position(hash: heap.hash(key)) { heap.isSameKey(dictionary.entries[$0].key, key) }
        }
        for (position, entry) in dictionary.entries.enumerated() {
            // Equal texts of two objects are compared to their ends.
            if entry.key != key { try takeSteps(min(heap.keySize(key), heap.keySize(entry.key)) >> 6) }
            if heap.isSameKey(entry.key, key) { return position }
        }
        return nil
    }
}
