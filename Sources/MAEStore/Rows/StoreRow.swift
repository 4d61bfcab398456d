import Foundation
import GRDB

/// A row of a table of the store.
///
/// A type of row is the only place that knows its table and columns: the coding keys are the columns' names. Times are seconds since
/// 1970.
protocol StoreRow: Codable, FetchableRecord, MutablePersistableRecord {}

extension StoreRow {
    static func databaseDateEncodingStrategy(for column: String) -> DatabaseDateEncodingStrategy {
        .timeIntervalSince1970
    }

    static func databaseDateDecodingStrategy(for column: String) -> DatabaseDateDecodingStrategy {
        .timeIntervalSince1970
    }
}
