/// One step on the way from a value to one inside it.
public enum PicklePathStep: Sendable, Hashable, CustomStringConvertible {
    /// Element of a list, tuple or set.
    case element(Int)
    /// Value of a string key.
    case key(String)
    /// Value of an integer key.
    case number(Int64)
    /// Value of the entry at a position, whose key is neither.
    case entry(Int)
    /// Attribute of an object.
    case attribute(String)
    /// Arguments or another part of an object that has no name in Python.
    case part(String)

    /// As in Python: `[3]`, `['key']`, `.name`.
    public var description: String {
        switch self {
        case .element(let index): "[\(index)]"
        case .key(let key): "['\(key)']"
        case .number(let key): "[\(key)]"
        case .entry(let position): "[key \(position)]"
        case .attribute(let name): ".\(name)"
        case .part(let name): "<\(name)>"
        }
    }
}

/// A value met on a walk.
public struct PickleVisit {
    /// The value.
    public let value: PickleValue
    fileprivate let frames: [PickleWalk.Frame]
    fileprivate let graph: PickleGraph?

    /// The way from the start of the walk to the value; made only when asked for.
    public var path: [PicklePathStep] {
        graph.map { graph in frames.map { graph.heap.step($0.next - 1, of: $0.slot) } } ?? []
    }
}

extension PickleValue {
    /// Visits this value and every container, object and tensor inside it, outer before inner, in the order of the file.
    ///
    /// Numbers and texts inside it are not visited, and neither are lists, tuples and sets of nothing else: a file may have
    /// millions. Dictionaries of nothing else are not visited where `includesSettings` is false. Each container and object is
    /// visited once, by the first path that leads to it, so cycles end and shared objects cost nothing. Nothing inside a
    /// value is visited when `visit` returns false for it. Uses no recursion, and little memory beyond a byte for each object.
    public func walk(includesSettings: Bool = true, _ visit: (PickleVisit) throws -> Bool) rethrows {
        guard try visit(PickleVisit(value: self, frames: [], graph: nil)), let (slot, graph) = container else { return }
        var walk = PickleWalk(graph, includesSettings: includesSettings)
        walk.enter(slot)
        while let slot = walk.next() {
            // The visit ends with the call, so that the frames are changed in place after it.
            let descends = try visit(
                PickleVisit(value: PickleValue(slot, in: graph), frames: walk.frames, graph: graph))
            if descends, slot.isContainer { walk.enter(slot) }
        }
    }

    private var container: (PickleSlot, PickleGraph)? {
        switch self {
        case .list(let elements), .tuple(let elements), .set(let elements): (elements.id.slot, elements.graph)
        case .dictionary(let dictionary): (dictionary.id.slot, dictionary.graph)
        case .object(let object): (object.id.slot, object.graph)
        default: nil
        }
    }
}

/// Where a walk is: the containers from its start to here, each with the number of the child that comes next.
private struct PickleWalk {
    struct Frame {
        let slot: PickleSlot
        var next = 0
    }

    private let graph: PickleGraph
    private let includesSettings: Bool
    private(set) var frames: [Frame] = []
    private var seen: SeenSlots

    init(_ graph: PickleGraph, includesSettings: Bool) {
        self.graph = graph
        self.includesSettings = includesSettings
        seen = SeenSlots(graph.heap)
    }

    /// Goes on with what is inside a container.
    mutating func enter(_ slot: PickleSlot) {
        seen.insert(slot)
        frames.append(Frame(slot: slot))
    }

    /// The next value to visit; nil at the end.
    mutating func next() -> PickleSlot? {
        while let frame = frames.last {
            var position = frame.next
            let count = graph.heap.childCount(of: frame.slot)
            while position < count {
                let child = graph.heap.child(position, of: frame.slot)
                position += 1
                guard isVisited(child) else { continue }
                frames[frames.count - 1].next = position
                return child
            }
            frames.removeLast()
        }
        return nil
    }

    private mutating func isVisited(_ slot: PickleSlot) -> Bool {
        guard slot.isContainer else { return !slot.isLeaf }
        // Marked first, so that one that is met again is not looked through again.
        guard seen.insert(slot) else { return false }
        if includesSettings, case .dictionary = slot { return true }
        return !graph.heap.holdsLeaves(slot)
    }
}

/// The containers and objects that a walk has met.
private struct SeenSlots {
    private var lists, tuples, sets, dictionaries, objects: [Bool]

    init(_ heap: PickleHeap) {
        func none(_ count: Int) -> [Bool] { Array(repeating: false, count: count) }
        (lists, tuples, sets) = (none(heap.lists.count), none(heap.tuples.count), none(heap.sets.count))
        (dictionaries, objects) = (none(heap.dictionaries.count), none(heap.objects.count))
    }

    /// Marks a container; false when it was marked before.
    @discardableResult
    mutating func insert(_ slot: PickleSlot) -> Bool {
        switch slot {
        case .list(let index): Self.mark(&lists[index])
        case .tuple(let index): Self.mark(&tuples[index])
        case .set(let index): Self.mark(&sets[index])
        case .dictionary(let index): Self.mark(&dictionaries[index])
        case .object(let index): Self.mark(&objects[index])
        default: preconditionFailure("\(slot) is no container")
        }
    }

    private static func mark(_ isSeen: inout Bool) -> Bool {
        defer { isSeen = true }
        return !isSeen
    }
}
