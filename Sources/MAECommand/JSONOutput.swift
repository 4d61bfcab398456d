import MAEText

extension Encodable {
    /// The value as JSON for people and programs, as ``JSONText`` lays it out; dates as ISO 8601 writes them.
    ///
    /// - Parameter snakeCase: whether names are turned from `lastSeen` into `last_seen`.
    public func json(snakeCase: Bool = false) throws -> String { try JSONText.encode(self, snakeCase: snakeCase) }
}
