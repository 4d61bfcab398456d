import MAEDomain

/// The parameters that a node loaded, as a document.
struct StoredFingerprints: StoredDocument, Hashable {
    static let version = 1

    struct Parameter: Codable, Hashable {
        var name: String
        var shape: [Int]
        var digest: StoredDigest
    }

    var parameters: [Parameter]

    init(_ fingerprints: [TensorFingerprint]) {
        parameters = fingerprints.map { Parameter(name: $0.name, shape: $0.shape, digest: StoredDigest($0.digest)) }
    }

    /// The parameters as they were.
    var fingerprints: [TensorFingerprint] {
        parameters.map { TensorFingerprint(name: $0.name, shape: $0.shape, digest: $0.digest.digest) }
    }
}
