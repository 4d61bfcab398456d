/// The places without a result: of many, some of each node, method and kind of failure are named, and the others counted.
struct MissingPlaces {
    /// Those that are named, by cell.
    let named: [ShardFailure]
    private let rest: [ShardFailure]

    /// Takes all of them, by cell.
    init(_ failures: [ShardFailure]) {
        guard failures.count > FoldingLimits.mostMissing else {
            (named, rest) = (failures, [])
            return
        }
        struct Kind: Hashable { let node, method, code: String }
        let kinds = failures.map { Kind(node: $0.node, method: $0.method, code: $0.code) }
        let quota = max(1, FoldingLimits.mostMissing / Set(kinds).count)
        var told: [Kind: Int] = [:]
        var (named, rest): ([ShardFailure], [ShardFailure]) = ([], [])
        for (failure, kind) in zip(failures, kinds) {
            if told[kind, default: 0] < quota {
                told[kind, default: 0] += 1
                named.append(failure)
            } else {
                rest.append(failure)
            }
        }
        (self.named, self.rest) = (named, rest)
    }

    /// The counts of a run, with the places that are not named; nil where nothing is only counted.
    func counted(with counted: CountedBatches?) -> CountedBatches? {
        guard counted != nil || !rest.isEmpty else { return nil }
        var all = counted ?? CountedBatches()
        all.add(missing: rest)
        return all
    }
}
