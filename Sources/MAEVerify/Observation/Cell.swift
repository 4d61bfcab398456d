/// One place in the matrix of a run: a node, a loading method and a batch.
public struct Cell: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Name of the node, unique in a run.
    public var node: String
    /// Label of the loading method, unique in a run.
    public var method: String
    /// Index of the batch.
    public var batch: Int

    /// Names a place.
    public init(node: String, method: String, batch: Int) {
        self.node = node
        self.method = method
        self.batch = batch
    }

    /// Orders by batch, then node, then method.
    public static func < (left: Cell, right: Cell) -> Bool {
        (left.batch, left.node, left.method) < (right.batch, right.node, right.method)
    }

    /// `node, method, batch N`.
    public var description: String { "\(node), \(method), batch \(batch)" }
}
