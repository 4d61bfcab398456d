import MAEDomain

/// What a node told of its machine, in a document.
struct StoredMachine: Codable, Hashable {
    private struct Fact: Codable, Hashable {
        var name, value: String
    }

    private var told: [Fact]

    init(_ machine: MachineFacts) {
        told = machine.facts.map { Fact(name: $0.name, value: $0.value) }
    }

    /// All of it as one text, which a checksum can be taken of.
    var checkedText: String { told.map { "\($0.name)\u{0}\($0.value)\u{0}" }.joined() }

    /// The facts; those of a name that this version doesn't know are left out.
    var facts: MachineFacts { MachineFacts(told.compactMap { MachineFacts.Fact(name: $0.name, value: $0.value) }) }
}
