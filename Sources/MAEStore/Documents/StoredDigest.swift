import MAETensor

/// A SHA-256 in a document: 64 hexadecimal digits.
struct StoredDigest: Codable, Hashable {
    let digest: SHA256Digest

    init(_ digest: SHA256Digest) { self.digest = digest }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let digest = SHA256Digest(hex: text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(text) is no SHA-256"))
        }
        self.digest = digest
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(digest)")
    }
}
