/// Which node stands for which of the expected nodes.
///
/// The first N slots are the expected nodes of `--workers N`; more are opened for nodes that join on top. A slot keeps its
/// owner while that node is absent, until another node takes it over.
struct Slots: Sendable {
    private(set) var owners: [NodeNumber?]
    private var slots: [NodeNumber: Int] = [:]
    /// Slots before this one have had an owner.
    private var firstFree = 0

    /// `count` slots without owners.
    init(count: Int) {
        owners = Array(repeating: nil, count: count)
    }

    subscript(node: NodeNumber) -> Int? { slots[node] }

    /// The first slot that has never had an owner.
    var free: Int? { firstFree < owners.count ? firstFree : nil }

    /// Makes `node` the owner of a slot, in place of the owner it has, if any.
    mutating func assign(_ slot: Int, to node: NodeNumber) {
        if let owner = owners[slot] { slots[owner] = nil }
        owners[slot] = node
        slots[node] = slot
        while firstFree < owners.count, owners[firstFree] != nil { firstFree += 1 }
    }

    /// Adds a slot on top of the others.
    mutating func open() { owners.append(nil) }
}
