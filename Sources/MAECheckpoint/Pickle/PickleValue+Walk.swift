/// One step on the way from a value to one inside it.
public enum PicklePathStep: Sendable, Hashable, CustomStringConvertible {
    /// Element of a list, tuple or set.
    case element(Int)
    /// Value of a string key.
    case key(String)
    /// Value of the entry at a position, whose key is no string.
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
    fileprivate let position: Int
    fileprivate let trail: [(parent: Int, step: PicklePathStep?)]

    /// The way from the start of the walk to the value; made only when asked for.
    public var path: [PicklePathStep] {
        var steps: [PicklePathStep] = []
        var position = position
        while let step = trail[position].step {
            steps.append(step)
            position = trail[position].parent
        }
        return steps.reversed()
    }
}

extension PickleValue {
    /// Visits this value and everything inside it, outer before inner, in the order of the file.
    ///
    /// Each container and object is visited once, by the first path that leads to it, so cycles end and shared objects
    /// cost nothing. Nothing inside a value is visited when `visit` returns false for it. Uses no recursion.
    public func walk(_ visit: (PickleVisit) throws -> Bool) rethrows {
        var seen: Set<PickleID> = []
        var trail: [(parent: Int, step: PicklePathStep?)] = [(0, nil)]
        var pending: [(value: PickleValue, position: Int)] = [(self, 0)]
        while let (value, position) = pending.popLast() {
            if let id = value.containerID, !seen.insert(id).inserted { continue }
            guard try visit(PickleVisit(value: value, position: position, trail: trail)) else { continue }
            let start = pending.count
            value.forEachChild { step, child in
                if let id = child.containerID, seen.contains(id) { return }
                trail.append((position, step))
                pending.append((child, trail.count - 1))
            }
            pending[start...].reverse()
        }
    }

    private var containerID: PickleID? {
        switch self {
        case .list(let elements), .tuple(let elements), .set(let elements): elements.id
        case .dictionary(let dictionary): dictionary.id
        case .object(let object): object.id
        default: nil
        }
    }

    private func forEachChild(_ body: (PicklePathStep, PickleValue) -> Void) {
        switch self {
        case .list(let elements), .tuple(let elements), .set(let elements):
            for (index, element) in elements.enumerated() { body(.element(index), element) }
        case .dictionary(let dictionary):
            dictionary.forEachValue(body)
            if let state = dictionary.state { body(.part("state"), state) }
        case .object(let object):
            object.forEachChild(body)
        default: break
        }
    }
}

extension PickleDictionary {
    fileprivate func forEachValue(_ body: (PicklePathStep, PickleValue) -> Void) {
        for (position, entry) in enumerated() {
            body(entry.key.string.map(PicklePathStep.key) ?? .entry(position), entry.value)
        }
    }
}

extension PickleObject {
    fileprivate func forEachChild(_ body: (PicklePathStep, PickleValue) -> Void) {
        if case .object = callable { body(.part("callable"), callable) }
        body(.part("arguments"), arguments)
        if case .dictionary(let attributes) = state {
            for (position, entry) in attributes.enumerated() {
                body(entry.key.string.map(PicklePathStep.attribute) ?? .entry(position), entry.value)
            }
        } else if let state {
            body(.part("state"), state)
        }
        for (index, item) in items.enumerated() { body(.element(index), item) }
        entries.forEachValue(body)
    }
}
