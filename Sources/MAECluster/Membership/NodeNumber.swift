/// A node by the order in which its name first came up in this run: names are looked up once, where they come in.
struct NodeNumber: Sendable, Hashable, Comparable {
    let index: Int

    static func < (left: NodeNumber, right: NodeNumber) -> Bool { left.index < right.index }
}
