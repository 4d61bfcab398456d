/// An enumeration of another module, with the words that the store has for its cases: renaming a case changes no database.
protocol WordInStore: CaseIterable, Hashable, Sendable {
    /// The word for this case; never changed once it was written.
    var wordInStore: String { get }
}

/// One case of an enumeration, as its word in a document.
struct StoredWord<Value: WordInStore>: Codable, Hashable {
    let value: Value

    init(_ value: Value) { self.value = value }

    init(from decoder: any Decoder) throws {
        let word = try decoder.singleValueContainer().decode(String.self)
        guard let value = Value.allCases.first(where: { $0.wordInStore == word }) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "\(word) is no word for a \(Value.self)"))
        }
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.wordInStore)
    }
}
