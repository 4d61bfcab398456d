/// The name of a node, by which it is known over restarts and over nights.
public struct NodeID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Longest name, in UTF-8 bytes.
    public static let maximumLength = 64

    /// The name.
    public let name: String

    /// Takes a name; nil when it is empty, longer than ``maximumLength``, or holds a control character (names are
    /// printed on terminals and in reports).
    public init?(_ name: String) {
        guard !name.isEmpty, name.utf8.count <= Self.maximumLength,
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        self.name = name
    }

    private init(checked name: String) { self.name = name }

    /// This name with `-number` behind it, shortened where it would be too long: for one more node of a host.
    public func numbered(_ number: Int) -> NodeID {
        let suffix = "-\(number)"
        var base = Substring(name)
        while base.utf8.count + suffix.utf8.count > Self.maximumLength { base.removeLast() }
        return NodeID(checked: base + suffix)
    }

    /// Names in the order of their Unicode scalars.
    public static func < (left: NodeID, right: NodeID) -> Bool { left.name < right.name }

    /// The name.
    public var description: String { name }
}
