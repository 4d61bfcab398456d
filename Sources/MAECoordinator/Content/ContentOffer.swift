import MAEContent
import MAETensor
import MAEWire

/// The files that workers may fetch, open since they were read.
public struct ContentOffer: Sendable {
    private(set) var manifests: [SHA256Digest: EncodedManifest] = [:]
    private(set) var files: [SHA256Digest: (content: FileContent, file: ReadableFile)] = [:]

    /// An offer of nothing.
    public init() {}

    /// Offers files that were read.
    ///
    /// Throws ``WireError`` when their list is too long for a message.
    public mutating func add(_ read: ReadFiles) throws(WireError) {
        manifests[read.manifest.digest] = try EncodedManifest(read.manifest)
        for (entry, file) in zip(read.manifest.files, read.files) where files[entry.content.digest] == nil {
            files[entry.content.digest] = (entry.content, file)
        }
    }

    /// Offers a file no longer.
    mutating func withdraw(_ digest: SHA256Digest) { files[digest] = nil }
}
