/// The values inside a container or object by number: of an object the callable, the arguments, the state, the items and the
/// entries, in this order.
extension PickleHeap {
    /// How many values are inside.
    func childCount(of slot: PickleSlot) -> Int {
        switch slot {
        case .list(let index): lists[index].count
        case .tuple(let index): tuples.count(of: index)
        case .set(let index): sets[index].count
        case .dictionary(let index): dictionaries[index].entries.count + (dictionaries[index].state == nil ? 0 : 1)
        case .object(let index): Self.itemsStart + stateCount(of: index) + items(of: index)
        default: 0
        }
    }

    /// The value with a number below ``childCount(of:)``.
    func child(_ number: Int, of slot: PickleSlot) -> PickleSlot {
        switch slot {
        case .list(let index): return lists[index][number]
        case .tuple(let index): return tuples[index, number]
        case .set(let index): return sets[index][number]
        case .dictionary(let index):
            let dictionary = dictionaries[index]
            return number < dictionary.entries.count ? dictionary.entries[number].value : dictionary.state ?? .none
        case .object(let index): return child(number, of: index)
        default: return .none
        }
    }

    /// The step from a container or object to the value with a number.
    func step(_ number: Int, of slot: PickleSlot) -> PicklePathStep {
        switch slot {
        case .dictionary(let index):
            let entries = dictionaries[index].entries
            return number < entries.count ? step(number, in: entries) : .part("state")
        case .object(let index): return step(number, of: index)
        default: return .element(number)
        }
    }

    /// Whether a list, tuple, set or dictionary holds something, and neither a tensor nor another container in it.
    func holdsLeaves(_ slot: PickleSlot) -> Bool {
        if case .dictionary(let index) = slot {
            let dictionary = dictionaries[index]
            return dictionary.state == nil && !dictionary.entries.isEmpty
                && dictionary.entries.allSatisfy { $0.value.isLeaf }
        }
        guard let elements = elements(of: slot), !elements.isEmpty else { return false }
        return elements.allSatisfy { $0.isLeaf }
    }

    /// Number of the first part of an object behind its callable and arguments.
    private static let itemsStart = 2

    /// The entries of the `__dict__` of an object, each of which is a value inside; nil for another state.
    private func attributes(of object: Int) -> [(key: PickleSlot, value: PickleSlot)]? {
        guard case .dictionary(let state) = objects[object].state else { return nil }
        return dictionaries[state].entries
    }

    private func stateCount(of object: Int) -> Int {
        attributes(of: object)?.count ?? (objects[object].state == nil ? 0 : 1)
    }

    private func items(of object: Int) -> Int { objects[object].items.count + objects[object].entries.entries.count }

    private func child(_ number: Int, of index: Int) -> PickleSlot {
        let object = objects[index]
        switch number {
        case 0:
            // A class or function has nothing inside.
            return object.callable
        case 1: return object.arguments
        default:
            let stateCount = stateCount(of: index)
            let place = number - Self.itemsStart
            if place < stateCount { return attributes(of: index)?[place].value ?? object.state ?? .none }
            let item = place - stateCount
            return item < object.items.count
                ? object.items[item] : object.entries.entries[item - object.items.count].value
        }
    }

    private func step(_ number: Int, of index: Int) -> PicklePathStep {
        let object = objects[index]
        switch number {
        case 0: return .part("callable")
        case 1: return .part("arguments")
        default:
            let stateCount = stateCount(of: index)
            let place = number - Self.itemsStart
            if place < stateCount {
                guard let attributes = attributes(of: index) else { return .part("state") }
                if case .key(let name) = step(place, in: attributes) { return .attribute(name) }
                return .entry(place)
            }
            let item = place - stateCount
            return item < object.items.count
                ? .element(item) : step(item - object.items.count, in: object.entries.entries)
        }
    }

    private func step(_ position: Int, in entries: [(key: PickleSlot, value: PickleSlot)]) -> PicklePathStep {
        switch entries[position].key {
        case .string(let key): .key(strings[key])
        case .int(let value): .number(value)
        default: .entry(position)
        }
    }
}
