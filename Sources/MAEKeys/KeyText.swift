import ZeroMQ

/// The text of a key file: a line that says which kind of file it is, then a line for each field.
///
/// docs/formats.md describes it. Bytes instead of strings, so that what holds a secret can be wiped.
struct KeyText {
    /// The kinds of key files.
    enum Kind: String {
        /// The coordinator's own pair.
        case coordinator
        /// A node's own pair, on the node.
        case node
        /// A node that may connect, on the coordinator.
        case authorizedNode = "authorised-node"
        /// A node that may not connect any more, on the coordinator.
        case revokedNode = "revoked-node"
    }

    /// The fields that a file may have.
    enum Field: String, CaseIterable {
        case name
        case publicKey = "public-key"
        case secretKey = "secret-key"
        case coordinatorKey = "coordinator-key"
        case added
        case revoked
    }

    private static let title = "mae-key 1 "
    private let path: String
    private var fields: [Field: [UInt8]] = [:]

    /// Reads a file of the kind that it must be, with exactly the fields that it must have.
    init(_ path: String, _ kind: Kind, _ expected: [Field]) throws(KeyError) {
        self.path = path
        var bytes = try PrivateFile.read(path)
        defer { bytes.withUnsafeMutableBytes(wipe) }
        guard bytes.last == UInt8(ascii: "\n") else { throw Self.malformed(path, "does not end with a whole line") }
        let lines = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard let first = lines.first, first.elementsEqual((Self.title + kind.rawValue).utf8) else {
            throw Self.malformed(path, "must begin with the line \"\(Self.title)\(kind.rawValue)\"")
        }
        for (number, line) in zip(2..., lines.dropFirst()) {
            guard let field = expected.first(where: { line.starts(with: "\($0.rawValue): ".utf8) }) else {
                throw Self.malformed(path, "line \(number) is none of: \(Self.list(expected))")
            }
            guard fields[field] == nil else {
                throw Self.malformed(path, "line \(number) gives \(field.rawValue) again")
            }
            fields[field] = Array(line.dropFirst(field.rawValue.utf8.count + 2))
        }
        guard fields.count == expected.count else {
            throw Self.malformed(path, "must have the fields: \(Self.list(expected))")
        }
    }

    /// The bytes of a file.
    static func bytes(_ kind: Kind, _ fields: [(Field, [UInt8])]) -> [UInt8] {
        var bytes = Array((title + kind.rawValue + "\n").utf8)
        for (field, value) in fields {
            bytes += "\(field.rawValue): ".utf8
            bytes += value
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// A field as text.
    func text(_ field: Field) throws(KeyError) -> String {
        guard let text = String(validating: fields[field] ?? [], as: UTF8.self) else {
            throw Self.malformed(path, "\(field.rawValue) is not UTF-8")
        }
        return text
    }

    /// A field as a public key.
    func publicKey(_ field: Field) throws(KeyError) -> CurvePublicKey {
        guard let key = CurvePublicKey(z85: fields[field] ?? []) else { throw Self.noKey(path, field) }
        return key
    }

    /// The pair of `public-key` and `secret-key`, which must belong together; wipes what was read of the secret.
    mutating func keyPair() throws -> CurveKeyPair {
        defer { fields[.secretKey]?.withUnsafeMutableBytes(wipe) }
        guard let secret = CurveSecretKey(z85: fields[.secretKey] ?? []) else { throw Self.noKey(path, .secretKey) }
        let pair = try CurveKeyPair(secretKey: secret)
        guard pair.publicKey == (try publicKey(.publicKey)) else {
            throw Self.malformed(path, "public-key and secret-key do not belong together")
        }
        return pair
    }

    /// The error for a file that does not hold what it must.
    static func malformed(_ path: String, _ what: String) -> KeyError {
        KeyError(.malformed, path, "is no key file as it must be: \(what)")
    }

    private static func noKey(_ path: String, _ field: Field) -> KeyError {
        malformed(path, "\(field.rawValue) is no key; a key has 40 characters (Z85)")
    }

    private static func list(_ fields: [Field]) -> String { fields.map(\.rawValue).joined(separator: ", ") }
}
