import MAEDomain

/// A property that some nodes share and no other node has.
struct SharedTrait {
    /// `instruction set avx512`, `device llvmpipe`.
    let words: String

    /// Finds the most telling property that sets `some` apart from the other `nodes`; nil when there is none.
    init?(of some: [String], among nodes: [NodeIdentity]) {
        let names = Set(some)
        let inside = nodes.filter { names.contains($0.name) }
        let outside = nodes.filter { !names.contains($0.name) }
        guard !inside.isEmpty, !outside.isEmpty else { return nil }
        let traits: [(String, (NodeIdentity) -> String)] = [
            ("backend", \.backend), ("engine build", \.engineBuild), ("instruction set", \.isa), ("device", \.device),
            ("host", \.host),
        ]
        for (name, trait) in traits {
            let values = Set(inside.map(trait))
            guard let value = values.first, values.count == 1, !value.isEmpty else { continue }
            if !outside.contains(where: { trait($0) == value }) {
                words = "\(name) \(value)"
                return
            }
        }
        return nil
    }
}
