import GRDB

extension ResultRow {
    /// Inserts the row.
    ///
    /// Results come by tens of thousands a second, and are nearly all that a run writes. GRDB's own insertion encodes a dictionary of
    /// the columns and makes the text of the statement for each row: with it `mae-bench cluster` took 12 % more processor time,
    /// coordinator and workers together. Here the text is made once.
    func insertQuickly(_ database: Database) throws {
        let statement = try database.cachedStatement(sql: Self.insertion)
        statement.setUncheckedArguments(StatementArguments(Self.inserted.map(value)))
        try statement.execute()
    }

    /// All columns but for the row's number, the time and the checksum itself.
    var checked: [DatabaseValue] { Self.checkedColumns.map { value($0)?.databaseValue ?? .null } }

    private static let checkedColumns = inserted.filter { $0 != .received && $0 != .checksum }

    /// The columns that are written: SQLite numbers the rows itself.
    private static let inserted = CodingKeys.allCases.filter { $0 != .id }

    private static let insertion = """
        INSERT INTO \(databaseTableName) (\(inserted.map(\.rawValue).joined(separator: ", ")))
        VALUES (\(inserted.map { _ in "?" }.joined(separator: ", ")))
        """

    private func value(_ column: CodingKeys) -> (any DatabaseValueConvertible)? {
        switch column {
        case .id: id
        case .run: run
        case .shard: shard
        case .node: node
        case .context: context
        case .batch: batch
        case .seed: seed
        case .received: received.timeIntervalSince1970
        case .digests: digests
        case .loadSeconds: loadSeconds
        case .inputSeconds: inputSeconds
        case .forwardSeconds: forwardSeconds
        case .pooledShape: pooledShape
        case .pooled: pooled
        case .layernormShape: layernormShape
        case .layernormFile: layernormFile
        case .fingerprints: fingerprints
        case .details: details
        case .checksum: checksum
        }
    }
}
