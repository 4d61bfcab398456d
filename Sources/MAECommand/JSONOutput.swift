import Foundation

extension Encodable {
    /// The value as JSON for people and programs: keys sorted, dates as ISO 8601 writes them.
    ///
    /// - Parameter snakeCase: whether names are turned from `lastSeen` into `last_seen`.
    public func json(snakeCase: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        if snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
