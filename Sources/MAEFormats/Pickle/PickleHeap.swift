/// A value inside a ``PickleHeap``: small values themselves, others as an index into the pool of their kind.
///
/// Two equal slots are one Python object, or two equal small ones.
package enum PickleSlot: Sendable, Hashable {
    case none
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(Int)
    case bytes(Int)
    case bigInteger(Int)
    case list(Int)
    case tuple(Int)
    case set(Int)
    case dictionary(Int)
    case global(Int)
    case object(Int)
    case tensor(Int)
    case storage(Int)
    case dtype(Int)
    case device(Int)
    case size(Int)
    case scalar(Int)

    /// Whether other values can be inside.
    var isContainer: Bool {
        switch self {
        case .list, .tuple, .set, .dictionary, .object: true
        default: false
        }
    }

    /// Whether this is neither a tensor nor something that one can be inside.
    var isLeaf: Bool { if case .tensor = self { false } else { !isContainer } }
}

/// All objects of one pickle, in flat pools.
///
/// Objects refer to each other by index, never by pointer. So cycles leak nothing, and a million nested tuples are
/// released by freeing a few arrays instead of by a million nested calls.
///
/// A data set inside a checkpoint has millions of texts and tuples. Neither changes once it is made, so neither takes a block
/// of memory of its own.
package struct PickleHeap: Sendable {
    /// A dictionary: entries in the order in which their keys first came.
    package struct Dictionary: Sendable {
        /// A key and its value.
        package typealias Entry = (key: PickleSlot, value: PickleSlot)

        /// The entries.
        package var entries: [Entry] = []
        /// Where ``entries`` are by key; empty while there are so few that they are looked through.
        package var index = PickleIndex()
        /// What BUILD set on the dictionary object itself, such as `_metadata` of a state dict.
        package var state: PickleSlot?

        /// Most entries that are looked through.
        static let unindexedCount = 8
    }

    /// An object of a class, or the result of a call, none of which was executed.
    package struct Object: Sendable {
        package var callable: PickleSlot
        package var arguments: PickleSlot
        package var isCall: Bool
        package var state: PickleSlot?
        package var items: [PickleSlot] = []
        package var entries: Dictionary = .init()
    }

    package var strings: PickleStrings
    package var bytes = PickleByteStrings()
    package var lists: [[PickleSlot]] = []
    package var tuples = PickleTuples()
    package var sets: [[PickleSlot]] = []
    package var dictionaries: [Dictionary] = []
    package var globals: [PickleGlobal] = []
    package var objects: [Object] = []
    package var tensors: [PickleTensor] = []
    package var storages: [PickleStorage] = []
    package var names: [String] = []
    package var sizes: [[Int]] = []
    package var scalars: [NumpyScalar] = []

    /// The heap of a pickle, before anything was read of it.
    init(of pickle: ByteView) { strings = PickleStrings(in: pickle) }

    /// The elements of a list, tuple or set, or nil.
    ///
    /// Let go of them before the heap is changed: it would be copied.
    func elements(of slot: PickleSlot) -> ArraySlice<PickleSlot>? {
        switch slot {
        case .list(let index): lists[index][...]
        case .tuple(let index): tuples[index]
        case .set(let index): sets[index][...]
        default: nil
        }
    }
}

/// A heap that no longer changes, shared by all values read from it.
package final class PickleGraph: Sendable {
    package let heap: PickleHeap

    package init(_ heap: PickleHeap) { self.heap = heap }
}
