import CCrypto

/// SHA-256 over content that arrives in pieces, computed by the system's libcrypto.
///
/// There is one owner of a state, and taking the digest ends it, as `EVP_DigestFinal_ex` does. To hash what is whole in
/// memory, ``SHA256Digest/init(of:)-(UnsafeRawBufferPointer)`` is shorter.
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// Starts with no content.
    public init() {
        context = Self.makeContext()
        let code = EVP_DigestInit_ex2(context, Algorithm.sha256.pointer, nil)
        precondition(code == 1, "SHA-256 starts from nothing (EVP_DigestInit_ex2)")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let code = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(code == 1, "SHA-256 takes any bytes (EVP_DigestUpdate)")
    }

    /// Appends bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Appends the UTF-8 bytes of `text`.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of everything appended.
    public consuming func finalize() -> SHA256Digest { Self.finish(context) }

    /// The digest of everything appended so far; more may follow.
    public borrowing func digestSoFar() -> SHA256Digest {
        let copy = Self.makeContext()
        defer { EVP_MD_CTX_free(copy) }
        let code = EVP_MD_CTX_copy_ex(copy, context)
        precondition(code == 1, "SHA-256 has a state that can be copied (EVP_MD_CTX_copy_ex)")
        return Self.finish(copy)
    }

    private static func makeContext() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for the state of SHA-256") }
        return context
    }

    private static func finish(_ context: OpaquePointer) -> SHA256Digest {
        SHA256Digest { bytes in
            var length: UInt32 = 0
            let code = bytes.withMemoryRebound(to: UInt8.self) {
                EVP_DigestFinal_ex(context, $0.baseAddress, &length)
            }
            precondition(code == 1 && length == SHA256Digest.byteCount, "SHA-256 has 32 bytes (EVP_DigestFinal_ex)")
        }
    }
}

/// The algorithm as libcrypto hands it out, looked for once: a search for it costs more than a short digest.
private struct Algorithm: @unchecked Sendable {
    // Sendable: fetched once and never changed or freed; libcrypto lets any thread use an EVP_MD (openssl-threads(7)).
    let pointer: OpaquePointer

    static let sha256: Algorithm = {
        // Without the configuration file of the system: what it says about providers must not stop a digest, and to read
        // it costs more than to load the library. Without a clean-up at exit: a thread may still be hashing then.
        let options = UInt64(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT)
        precondition(OPENSSL_init_crypto(options, nil) == 1, "libcrypto starts")
        guard let pointer = EVP_MD_fetch(nil, "SHA256", nil) else { preconditionFailure("libcrypto has SHA-256") }
        return Algorithm(pointer: pointer)
    }()
}
