import MAEDomain
import MAEText

/// What the machines of some nodes all have otherwise than those of all others.
///
/// Only that can be the cause of a difference between the two sides; what some of one side share with some of the other
/// cannot.
public struct MachineDifference: Sendable, Hashable {
    /// One fact, and what each side says.
    public struct Entry: Sendable, Hashable {
        /// Name of the fact, such as `microcode`.
        public let name: String
        /// The values on the one side and on the other, each once; nil stands for what is not set there.
        public let here: [String?], there: [String?]
    }

    /// What differs, in the order in which machines tell it; empty when nothing does or a side tells nothing.
    public let entries: [Entry]

    /// Compares the nodes of two sides.
    public init(between some: [NodeIdentity], and others: [NodeIdentity]) {
        let sides = [some, others].map { $0.compactMap(Self.facts) }
        guard !some.isEmpty, !others.isEmpty, sides[0].count == some.count, sides[1].count == others.count else {
            entries = []
            return
        }
        var names: [String] = []
        for name in sides.joined().flatMap({ $0.map(\.name) }) where !names.contains(name) { names.append(name) }
        entries = names.compactMap { name in
            let values = sides.map { side in
                side.map { facts in facts.first { $0.name == name }?.value }
            }
            // A variable that isn't there is not set; of anything else that isn't there, nothing is known.
            guard name.hasPrefix("environment ") || !values.joined().contains(nil),
                Set(values[0]).isDisjoint(with: values[1])
            else { return nil }
            return Entry(name: name, here: Self.distinct(values[0]), there: Self.distinct(values[1]))
        }
    }

    /// `What differs between their machines: microcode 0xa101148 here, 0xa101144 there.`; nil when nothing does.
    public var sentence: String? {
        guard !entries.isEmpty else { return nil }
        return "What differs between their machines: \(words(here: "here", there: "there"))."
    }

    /// `microcode 0xa101148 here, 0xa101144 there; …`, with other words for the two sides.
    package func words(here: String, there: String) -> String {
        entries.map { "\($0.name) \(Self.words($0.here)) \(here), \(Self.words($0.there)) \(there)" }
            .joined(separator: "; ")
    }

    /// What a node tells, with what it says of its engine; nil for one that tells nothing of its machine.
    private static func facts(_ node: NodeIdentity) -> [(name: String, value: String)]? {
        guard let machine = node.machine else { return nil }
        return machine.facts.map { ($0.name, $0.value) }
            + [
                ("device", node.device), ("instruction set", node.isa), ("threads", "\(node.threads)"),
                ("engine build", node.engineBuild),
            ].filter { !$0.1.isEmpty && $0.1 != machine["processor"] }
    }

    private static func distinct(_ values: [String?]) -> [String?] {
        values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Most values of a side that are told, and most characters of each.
    private static let mostValues = 3, mostCharacters = 120

    private static func words(_ values: [String?]) -> String {
        let told = values.prefix(mostValues).map { value in
            value.map { $0.count > mostCharacters ? $0.prefix(mostCharacters) + "…" : $0 } ?? "not set"
        }
        return told.joined(separator: " or ") + (values.count > mostValues ? " or others" : "")
    }
}
