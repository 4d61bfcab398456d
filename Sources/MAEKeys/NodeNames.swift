import MAEDomain

/// Names of nodes as they are typed: one, or a range such as `n-{0..63}`, with zeros in front where a bound has them (`{00..63}`).
public struct NodeNames: Sendable, Equatable {
    /// Nodes that a range may have.
    public static let most = 1024

    /// The names, in the order of the numbers.
    public let nodes: [NodeID]
    /// Whether a range was typed, which may have one name only.
    public let isRange: Bool

    /// Reads `text`; a shell's own braces, `{0..63}` without quotes, come as one word for each and never here.
    ///
    /// Throws ``NodeNameFault``.
    public init(_ text: String) throws(NodeNameFault) {
        guard let range = text.firstMatch(of: Self.range) else {
            guard let node = NodeID(text) else { throw NodeNameFault(text, Self.form) }
            (nodes, isRange) = ([node], false)
            return
        }
        let rest = text[range.range.upperBound...]
        guard rest.firstMatch(of: Self.range) == nil else { throw NodeNameFault(text, "has more than one range") }
        let (low, high) = (range.output.1, range.output.2)
        guard let first = Int(low), let last = Int(high), first <= last else {
            throw NodeNameFault(text, "must have the lower number first: {0..63}")
        }
        guard last - first < Self.most else { throw NodeNameFault(text, "has more than \(Self.most) names") }
        let width = [low, high].contains { $0.count > 1 && $0.hasPrefix("0") } ? max(low.count, high.count) : 0
        let start = text[..<range.range.lowerBound]
        nodes = try (first...last).map { number throws(NodeNameFault) in
            let digits = "\(number)"
            let zeros = String(repeating: "0", count: max(width - digits.count, 0))
            guard let node = NodeID(start + zeros + digits + rest) else { throw NodeNameFault(text, Self.form) }
            return node
        }
        isRange = true
    }

    private static var form: String {
        "is no name: 1 to \(NodeID.maximumLength) bytes without control characters are one"
    }

    private static var range: Regex<(Substring, Substring, Substring)> { /\{([0-9]{1,9})\.\.([0-9]{1,9})\}/ }
}

/// Why text names no nodes.
public struct NodeNameFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text and what is wrong with it.
    public let description: String

    init(_ text: String, _ what: String) { description = "\(text) \(what)" }
}
