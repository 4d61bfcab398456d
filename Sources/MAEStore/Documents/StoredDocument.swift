import Foundation

/// What a column of the store holds as JSON: a type of this module, written with the version of its form.
///
/// Its property names are keys in databases that people keep, so it is made of nothing but other such types and plain values: a type
/// of another module may be renamed and rearranged, and no database changes. A form that changes in a way that older programs would
/// misread gets the next ``version``.
protocol StoredDocument: Codable {
    /// The version of the form that this program writes, and the only one that it reads.
    static var version: Int { get }
}

extension StoredDocument {
    /// The bytes of the document: the same for the same value.
    var encoded: Data {
        get throws { try JSONEncoder.store.encode(VersionedDocument(content: self)) }
    }

    /// Reads ``encoded``.
    ///
    /// Throws ``UnknownDocumentVersion`` for a document of another version, and `DecodingError` for what is none.
    init(encoded: Data) throws {
        self = try JSONDecoder.store.decode(VersionedDocument<Self>.self, from: encoded).content
    }
}

/// A document was written by a program that has another form of it.
struct UnknownDocumentVersion: Error {
    /// The version that it names.
    let version: Int
}

/// A document with its version, as it is written.
private struct VersionedDocument<Content: StoredDocument>: Codable {
    let content: Content

    private enum CodingKeys: String, CodingKey {
        case version, content
    }

    init(content: Content) { self.content = content }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // The version comes first: what follows it can be read only when it is known.
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Content.version else { throw UnknownDocumentVersion(version: version) }
        content = try container.decode(Content.self, forKey: .content)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Content.version, forKey: .version)
        try container.encode(content, forKey: .content)
    }
}

extension JSONEncoder {
    /// Writes the same bytes for the same value, and numbers that are not finite as text.
    fileprivate static var store: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}

extension JSONDecoder {
    /// Reads what the encoder of the store wrote.
    fileprivate static var store: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}
