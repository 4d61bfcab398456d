import MAEDomain

/// What is known of results that share a batch, by the numbers of what they share with others: worked out once for each company.
struct Companies {
    private struct Company {
        let isAlike: Bool
        var isNoted = false
    }

    /// More are worked out each time.
    private static let most = 1 << 16
    private var all: [[Int64]: Company] = [:]
    /// For each node those it shared a batch with.
    private(set) var neighbors: [String: Set<String>] = [:]

    /// Whether results with these contexts have to agree bit for bit where their digests are equal: one class that promises bits, and the
    /// same weights and settings.
    mutating func isAlike(_ batch: [Observation], _ contexts: [Int64]) -> Bool { company(batch, contexts).isAlike }

    /// Notes that the nodes of these results share a batch.
    mutating func note(_ batch: [Observation], _ contexts: [Int64]) {
        guard !company(batch, contexts).isNoted else { return }
        let names = Set(batch.map(\.node.name))
        for name in names { neighbors[name, default: []].formUnion(names) }
        all[contexts]?.isNoted = true
    }

    private mutating func company(_ batch: [Observation], _ contexts: [Int64]) -> Company {
        if let known = all[contexts] { return known }
        let company = Company(isAlike: Self.isAlike(batch))
        if all.count < Self.most { all[contexts] = company }
        return company
    }

    private static func isAlike(_ batch: [Observation]) -> Bool {
        guard let first = batch.first, first.node.promisesBits else { return false }
        return batch.allSatisfy { other in
            other.node.numericClass == first.node.numericClass && other.weights.digest == first.weights.digest
                && other.maskRatio.value == first.maskRatio.value
                && EncoderConfiguration.differences(
                    first.configuration, other.configuration, affectingOutput: true
                ).isEmpty
        }
    }
}
