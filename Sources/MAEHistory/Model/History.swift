import MAEStore

/// All runs of a store, by series, that with the latest run first.
public struct History: Sendable {
    /// The series.
    public let series: [SeriesHistory]
    /// So many results are checked one by one: where more are odd, it is not a damaged page or two that made them so.
    private static let mostChecked = 5000

    /// Rows of results that count against a node, for ``MAEStore/Store/requireWhole(_:)``.
    public let blaming: [Int64]

    /// Reads what runs tell.
    public init(_ archive: RunArchive) {
        var order: [SeriesKey] = []
        var runs: [SeriesKey: [RunArchive.Run]] = [:]
        for run in archive.runs {
            let key = SeriesKey(run)
            order.removeAll { $0 == key }
            order.insert(key, at: 0)
            runs[key, default: []].append(run)
        }
        var blaming: [Int64] = []
        series = order.map { key in
            var reading = SeriesReading(key.title, runs[key] ?? [], archive)
            let series = reading.history()
            blaming += reading.blaming
            return series
        }
        self.blaming = blaming
    }

    /// Reads a store, or the last runs of it.
    ///
    /// Throws ``MAEStore/StoreError`` where the store cannot be read, and where a result that counts against a node is not what was stored.
    public init(_ store: Store, last limit: Int? = nil) throws {
        self.init(try store.archive(last: limit))
        try store.requireWhole(Array(blaming.prefix(Self.mostChecked)))
    }
}
