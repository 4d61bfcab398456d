/// A node by the order in which its name first came up in this run: names are looked up once, where they come in.
@usableFromInline
struct NodeNumber: Sendable, Hashable, Comparable {
    let index: Int

    @usableFromInline
    static func < (left: NodeNumber, right: NodeNumber) -> Bool { left.index < right.index }
}
