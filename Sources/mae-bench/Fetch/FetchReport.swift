/// What `mae-bench fetch --json` prints; times in seconds, memory in MiB.
struct FetchReport: Encodable {
    /// The workers' caches: one each, or one for all.
    struct Way: Encodable {
        /// From the first worker's question to the last byte that a worker verified.
        let seconds: Spread
        /// Bytes a second that all workers have got, over those of cp in the same turn.
        let share_of_cp: Spread
        /// What the coordinator's peak memory grew by while it served.
        let coordinator_growth_mib: Spread

        /// The spreads of several turns.
        init(_ fetches: [FetchRounds.Fetch], workers: Int, copies: [Double]) {
            seconds = Spread(fetches.map(\.seconds))
            share_of_cp = Spread(zip(fetches, copies).map { $1 * Double(workers) / $0.seconds })
            coordinator_growth_mib = Spread(fetches.map(\.coordinatorGrowth))
        }
    }

    let model: String
    let workers: Int
    let bytes: Int
    let cp_seconds: Spread
    let own_caches: Way
    let one_cache: Way
    let targets: [JudgedTarget]

    /// The rate of four machines next to its target; other numbers of workers have none.
    static func judged(_ ownCaches: Way, workers: Int) -> [JudgedTarget] {
        workers == 4 ? [JudgedTarget(.fetch, ownCaches.share_of_cp.median)] : []
    }

    /// The report as a person reads it.
    var text: String {
        let heading = ["min", "median", "max"].map { $0.right(9) }.joined()
        var lines = [
            "\(model), \(bytes) bytes to \(workers) workers over loopback; files are in the page cache.",
            "Milliseconds; bytes a second of all workers as per cent of cp's; growth of the coordinator in MiB.",
            "\n\("".left(28))\(heading)",
            "cp of the files".left(28) + cp_seconds.columns(decimals: 0, times: 1e3),
        ]
        for (name, way) in [("a cache for each", own_caches), ("one cache for all", one_cache)] {
            lines += [
                name.left(28) + way.seconds.columns(decimals: 0, times: 1e3),
                "  per cent of cp's rate".left(28) + way.share_of_cp.columns(decimals: 0, times: 100),
                "  coordinator's growth".left(28) + way.coordinator_growth_mib.columns(decimals: 1),
            ]
        }
        lines += targets.isEmpty ? [] : [targets.table]
        return lines.joined(separator: "\n")
    }
}
