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
    public var path: [PicklePathStep] { frames.steps(in: graph) }

    /// Number of steps on that way.
    package var depth: Int { frames.count }

    /// The containers and objects on that way, the start first, one for each step; made only when asked for.
    package var containers: [PickleID] { frames.map { PickleID($0.slot) } }
}

/// A container or object met again on a walk, by another way than the first one.
package struct PickleRevisit {
    /// The container or object.
    package let id: PickleID
    fileprivate let frames: [PickleWalk.Frame]
    fileprivate let graph: PickleGraph

    /// The way from the start of the walk to here; made only when asked for.
    package var path: [PicklePathStep] { frames.steps(in: graph) }

    /// Number of steps on that way.
    package var depth: Int { frames.count }

    /// The containers and objects on that way, as ``PickleVisit/containers``.
    package var containers: [PickleID] { frames.map { PickleID($0.slot) } }
}

extension [PickleWalk.Frame] {
    fileprivate func steps(in graph: PickleGraph?) -> [PicklePathStep] {
        graph.map { graph in map { graph.heap.step($0.next - 1, of: $0.slot) } } ?? []
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
        try walk(includesSettings: includesSettings, visit) { _ in }
    }

    /// As ``walk(includesSettings:_:)``, and calls `revisit` for each further way to a container or object that was
    /// visited and left before.
    ///
    /// It is not called on the way back to one that the walk is inside of: such ways never end.
    package func walk(
        includesSettings: Bool = true, _ visit: (PickleVisit) throws -> Bool,
        revisit: (PickleRevisit) throws -> Void
    ) rethrows {
        guard try visit(PickleVisit(value: self, frames: [], graph: nil)), let (slot, graph) = container else { return }
        var walk = PickleWalk(graph, includesSettings: includesSettings)
        walk.enter(slot)
        while let (slot, isFirst) = walk.next() {
            guard isFirst else {
                try revisit(PickleRevisit(id: PickleID(slot), frames: walk.frames, graph: graph))
                continue
            }
            // The visit ends with the call, so that the frames are changed in place after it.
            let descends = try visit(
                PickleVisit(value: PickleValue(slot, in: graph), frames: walk.frames, graph: graph))
            if descends, slot.isContainer { walk.enter(slot) }
        }
    }

    /// Identity of a container or object; nil for anything else.
    package var id: PickleID? { container.map { PickleID($0.0) } }

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
    private var seen: VisitedSlots

    init(_ graph: PickleGraph, includesSettings: Bool) {
        self.graph = graph
        self.includesSettings = includesSettings
        seen = VisitedSlots(graph.heap)
    }

    /// Goes on with what is inside a container.
    mutating func enter(_ slot: PickleSlot) {
        seen[slot] = .entered
        frames.append(Frame(slot: slot))
    }

    /// The next value, and whether it is met for the first time; nil at the end.
    mutating func next() -> (slot: PickleSlot, isFirst: Bool)? {
        while let frame = frames.last {
            var position = frame.next
            let count = graph.heap.childCount(of: frame.slot)
            while position < count {
                let child = graph.heap.child(position, of: frame.slot)
                position += 1
                guard let isFirst = visits(child) else { continue }
                frames[frames.count - 1].next = position
                return (child, isFirst)
            }
            seen[frame.slot] = .left
            frames.removeLast()
        }
        return nil
    }

    /// Whether a value is met for the first time; nil for one that is passed over.
    private mutating func visits(_ slot: PickleSlot) -> Bool? {
        guard slot.isContainer else { return slot.isLeaf ? nil : true }
        switch seen[slot] {
        case .entered, .skipped: return nil
        case .left: return false
        case .unseen:
            let isWanted = includesSettings && slot.isDictionary || !graph.heap.holdsLeaves(slot)
            // What holds leaves alone is not looked through again.
            seen[slot] = isWanted ? .left : .skipped
            return isWanted ? true : nil
        }
    }
}

extension PickleSlot {
    fileprivate var isDictionary: Bool { if case .dictionary = self { true } else { false } }
}

/// Which containers and objects a walk has met.
private struct VisitedSlots {
    enum State: UInt8 {
        case unseen
        /// The walk is inside it.
        case entered
        /// The walk was inside it, or was told not to look.
        case left
        /// It holds nothing that is visited.
        case skipped
    }

    private var lists, tuples, sets, dictionaries, objects: [State]

    init(_ heap: PickleHeap) {
        func none(_ count: Int) -> [State] { Array(repeating: .unseen, count: count) }
        (lists, tuples, sets) = (none(heap.lists.count), none(heap.tuples.count), none(heap.sets.count))
        (dictionaries, objects) = (none(heap.dictionaries.count), none(heap.objects.count))
    }

    /// What is known of a container.
    subscript(slot: PickleSlot) -> State {
        get {
            switch slot {
            case .list(let index): lists[index]
            case .tuple(let index): tuples[index]
            case .set(let index): sets[index]
            case .dictionary(let index): dictionaries[index]
            case .object(let index): objects[index]
            default: preconditionFailure("\(slot) is no container")
            }
        }
        set {
            switch slot {
            case .list(let index): lists[index] = newValue
            case .tuple(let index): tuples[index] = newValue
            case .set(let index): sets[index] = newValue
            case .dictionary(let index): dictionaries[index] = newValue
            case .object(let index): objects[index] = newValue
            default: preconditionFailure("\(slot) is no container")
            }
        }
    }
}
