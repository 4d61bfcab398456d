/// A Python object as a pickle describes it.
///
/// Nothing is ever executed to make one. Classes and functions are names, objects are what would be called with what
/// arguments and state; only tensors and the plain containers around them are understood. Values share the graph they
/// were read from, so copies are cheap, shared objects stay shared (see ``id``) and cycles are legal: walk a graph with
/// ``walk(_:)``, never by unguarded recursion.
public enum PickleValue: Sendable {
    case none
    case bool(Bool)
    case int(Int64)
    /// An integer beyond 64 bits: two's complement, little-endian.
    case bigInteger([UInt8])
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list(PickleSequence)
    case tuple(PickleSequence)
    /// A set or frozen set, in the order of the file.
    case set(PickleSequence)
    /// A dictionary, ordered dictionary or default dictionary.
    case dictionary(PickleDictionary)
    /// A class or function.
    case global(PickleGlobal)
    /// An object of a class, or the result of a call; neither was executed.
    case object(PickleObject)
    case tensor(PickleTensor)
    case storage(PickleStorage)
    /// An element type by PyTorch's name, such as `float32`.
    case dtype(String)
    /// A device by PyTorch's name, such as `cuda:0`.
    case device(String)
    /// A `torch.Size`.
    case size([Int])
    /// A scalar of numpy that is a number.
    case scalar(NumpyScalar)

    package init(_ slot: PickleSlot, in graph: PickleGraph) {
        // Not through a copy of the heap, which would count references to all its arrays for each value.
        switch slot {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .float(let value): self = .float(value)
        case .string(let index): self = .string(graph.heap.strings[index])
        case .bytes(let index): self = .bytes(graph.heap.bytes[index])
        case .bigInteger(let index): self = .bigInteger(graph.heap.bytes[index])
        case .list(let index): self = .list(PickleSequence(slot, graph.heap.lists[index][...], in: graph))
        case .tuple(let index): self = .tuple(PickleSequence(slot, graph.heap.tuples[index], in: graph))
        case .set(let index): self = .set(PickleSequence(slot, graph.heap.sets[index][...], in: graph))
        case .dictionary(let index):
            self = .dictionary(PickleDictionary(slot, graph.heap.dictionaries[index], in: graph))
        case .global(let index): self = .global(graph.heap.globals[index])
        case .object(let index): self = .object(PickleObject(slot, graph.heap.objects[index], in: graph))
        case .tensor(let index): self = .tensor(graph.heap.tensors[index])
        case .storage(let index): self = .storage(graph.heap.storages[index])
        case .dtype(let index): self = .dtype(graph.heap.names[index])
        case .device(let index): self = .device(graph.heap.names[index])
        case .size(let index): self = .size(graph.heap.sizes[index])
        case .scalar(let index): self = .scalar(graph.heap.scalars[index])
        }
    }
}

/// Identity of a container or object within its graph: equal identities are one Python object.
public struct PickleID: Sendable, Hashable {
    let slot: PickleSlot

    package init(_ slot: PickleSlot) { self.slot = slot }
}
