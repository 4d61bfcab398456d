/// The elements of a list, tuple or set.
public struct PickleSequence: Sendable, RandomAccessCollection {
    /// Identity of the container.
    public let id: PickleID
    private let slots: ArraySlice<PickleSlot>
    let graph: PickleGraph

    package init(_ identity: PickleSlot, _ slots: ArraySlice<PickleSlot>, in graph: PickleGraph) {
        id = PickleID(identity)
        self.slots = slots
        self.graph = graph
    }

    /// Index of the first element: 0.
    public var startIndex: Int { 0 }
    /// Number of elements.
    public var endIndex: Int { slots.count }
    /// The element at `position`.
    public subscript(position: Int) -> PickleValue { PickleValue(slots[slots.startIndex + position], in: graph) }
}

/// The entries of a dictionary, in the order in which their keys first came.
///
/// A key that comes twice keeps its last value, as in Python; the reader reports it as a finding.
public struct PickleDictionary: Sendable, RandomAccessCollection {
    /// Identity of the dictionary.
    public let id: PickleID
    private let contents: PickleHeap.Dictionary
    let graph: PickleGraph

    package init(_ identity: PickleSlot, _ contents: PickleHeap.Dictionary, in graph: PickleGraph) {
        id = PickleID(identity)
        self.contents = contents
        self.graph = graph
    }

    /// Index of the first entry: 0.
    public var startIndex: Int { 0 }
    /// Number of entries.
    public var endIndex: Int { contents.entries.count }

    /// The entry at `position`.
    public subscript(position: Int) -> (key: PickleValue, value: PickleValue) {
        let entry = contents.entries[position]
        return (PickleValue(entry.key, in: graph), PickleValue(entry.value, in: graph))
    }

    /// The value of a string key, or nil.
    public subscript(key: String) -> PickleValue? {
        graph.heap.position(of: key, in: contents).map { PickleValue(contents.entries[$0].value, in: graph) }
    }

    /// The entries that are tensors, in their order.
    package var tensors: [(key: PickleValue, value: PickleTensor)] {
        contents.entries.compactMap { entry in
            guard case .tensor(let index) = entry.value else { return nil }
            return (PickleValue(entry.key, in: graph), graph.heap.tensors[index])
        }
    }

    /// Whether a tensor or an object is among the values, which takes no look at any text.
    package var holdsTensorsOrObjects: Bool {
        contents.entries.contains { entry in
            switch entry.value {
            case .tensor, .object: true
            default: false
            }
        }
    }

    /// What was set on the dictionary object itself, such as the `_metadata` of a state dict; usually nil.
    public var state: PickleValue? { contents.state.map { PickleValue($0, in: graph) } }
}

/// An object of a class, or the result of a call; the class is a name and nothing was executed.
public struct PickleObject: Sendable {
    /// Identity of the object.
    public let id: PickleID
    private let contents: PickleHeap.Object
    let graph: PickleGraph

    package init(_ identity: PickleSlot, _ contents: PickleHeap.Object, in graph: PickleGraph) {
        id = PickleID(identity)
        self.contents = contents
        self.graph = graph
    }

    /// The class, or the function that Python would call: a ``PickleValue/global(_:)`` in all usual files.
    public var callable: PickleValue { PickleValue(contents.callable, in: graph) }

    /// The class or function as `module.name`, or nil when it is itself the result of a call.
    public var className: String? { callable.global?.qualifiedName }

    /// Whether Python would call ``callable`` (REDUCE) rather than make an empty object of it (NEWOBJ).
    public var isCall: Bool { contents.isCall }

    /// The arguments: a tuple, or for keyword arguments a tuple of (positional tuple, keyword dictionary).
    public var arguments: PickleValue { PickleValue(contents.arguments, in: graph) }

    /// What BUILD set, usually the `__dict__` as a dictionary; nil without BUILD.
    public var state: PickleValue? { contents.state.map { PickleValue($0, in: graph) } }

    /// Items appended, when the class is a kind of list.
    public var items: PickleSequence {
        PickleSequence(.none, contents.items[...], in: graph)
    }

    /// Entries set, when the class is a kind of dictionary.
    public var entries: PickleDictionary {
        PickleDictionary(.none, contents.entries, in: graph)
    }

    /// An attribute from ``state``: the `__dict__`, or the pair of `__dict__` and slots.
    public func attribute(_ name: String) -> PickleValue? {
        switch state {
        case .dictionary(let attributes): return attributes[name]
        case .tuple(let parts): return parts.lazy.compactMap { $0.dictionary?[name] }.first
        default: return nil
        }
    }
}
