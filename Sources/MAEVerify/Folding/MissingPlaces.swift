/// The places without a result: of many, some of each node, method and kind of failure are named, and the others counted.
struct MissingPlaces {
    /// Those that are named, by cell.
    let named: [ShardFailure]
    private let rest: [CountedBatches.Missing]

    private struct Kind: Hashable { let node, method, code: String }

    /// Takes all of them, by cell.
    init(_ failures: [ShardFailure]) {
        guard failures.count > FoldingLimits.mostMissing else {
            (named, rest) = (failures, [])
            return
        }
        let kinds = failures.map { Kind(node: $0.node, method: $0.method, code: $0.code) }
        let quota = max(1, FoldingLimits.mostMissing / Set(kinds).count)
        var told: [Kind: Int] = [:]
        named = zip(failures, kinds).filter { _, kind in
            told[kind, default: 0] += 1
            return told[kind, default: 0] <= quota
        }.map(\.0)
        rest = told.filter { $0.value > quota }.map {
            CountedBatches.Missing(
                node: $0.key.node, method: $0.key.method, code: $0.key.code, count: $0.value - quota)
        }.sorted { ($0.node, $0.method, $0.code) < ($1.node, $1.method, $1.code) }
    }

    /// The counts of a run, with the places that are not named; nil where nothing is only counted.
    func counted(with counted: CountedBatches?) -> CountedBatches? {
        guard counted != nil || !rest.isEmpty else { return nil }
        var all = counted ?? CountedBatches()
        all.missing = rest
        return all
    }
}
