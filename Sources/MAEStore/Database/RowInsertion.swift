import GRDB
import GRDBSQLite

/// A row of a kind that a run has many of, inserted by ``RowInsertion``.
protocol PreparedRow: CheckedRow {
    /// The names of the columns that are written: those of ``CheckedRow/checked``, of ``unchecked``, and the checksum's.
    static var columns: [String] { get }
    /// The values that the checksum is not of.
    var unchecked: [DatabaseValue] { get }
}

/// A statement that inserts rows of a table one after the other.
///
/// Results come by tens of thousands a second, and are nearly all that a run writes. GRDB's own insertion encodes a dictionary of
/// the columns and makes the text of the statement for each row. Here the text is made once in a transaction, and the values go to
/// SQLite as they are.
struct RowInsertion<Row: PreparedRow> {
    private let statement: Statement

    init(_ database: Database) throws {
        let columns = Row.columns
        statement = try database.cachedStatement(
            sql: """
                INSERT INTO \(Row.databaseTableName) (\(columns.joined(separator: ", ")))
                VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
                """)
        // GRDB takes arguments that it was not given for bound from here on.
        statement.setUncheckedArguments(StatementArguments())
    }

    /// Inserts a row, and the checksum of what it is of.
    func insert(_ row: Row) throws {
        let checked = row.checked
        // Parameters of a statement that has run are bound only after a reset, whose code is that of the run (sqlite3_reset).
        sqlite3_reset(statement.sqliteStatement)
        var index: CInt = 0
        for value in checked { try bind(value, at: &index) }
        for value in row.unchecked { try bind(value, at: &index) }
        try bind(RecordChecksum.of(checked).databaseValue, at: &index)
        try statement.execute()
    }

    /// Binds the parameter after `index`, and counts it.
    private func bind(_ value: DatabaseValue, at index: inout CInt) throws {
        index += 1
        let code = value.bind(to: statement.sqliteStatement, at: index)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}

/// SQLITE_TRANSIENT, a macro with a cast that Swift does not import: SQLite copies what it is given before the call returns.
///
/// "The SQLITE_TRANSIENT value means that the content will likely change in the near future and that SQLite should make its own
/// private copy" (sqlite3.h): the value is compared, and never called.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension DatabaseValue {
    /// Binds the value to a parameter, counted from 1, and returns the code of SQLite.
    fileprivate func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        switch storage {
        case .null: return sqlite3_bind_null(statement, index)
        case .int64(let value): return sqlite3_bind_int64(statement, index, value)
        case .double(let value): return sqlite3_bind_double(statement, index, value)
        case .string(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text64(
                        statement, index, $0.baseAddress, UInt64($0.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        // No bytes have no address, which SQLite would take for NULL.
        case .blob(let blob) where blob.isEmpty: return sqlite3_bind_zeroblob(statement, index, 0)
        case .blob(let blob):
            return blob.withUnsafeBytes {
                sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), copied)
            }
        }
    }
}
