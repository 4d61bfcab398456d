import MAEFiles
import MAEFormats
import MAETensor

/// A file of the hub cache that is called after the SHA-256 of its content.
///
/// Small files are called after their SHA-1 as git computes it, and are not looked at.
struct HubBlob {
    /// The path by which the file is read.
    let path: String
    /// The digest that its name promises.
    let promised: SHA256Digest

    /// More links after each other than any cache has.
    private static let maximumSteps = 8
    /// Bytes that are hashed before their memory is given back.
    private static let chunkSize = 1 << 22

    /// Follows `path`, a link of a snapshot, to the model's `blobs`; nil for a file elsewhere.
    ///
    /// The blob itself may be a link to a store that models share, whose names are no SHA-256.
    init?(behind path: String) {
        var place = path
        for _ in 0..<Self.maximumSteps {
            let (folder, name) = FileSystem.split(place)
            let (parent, parentName) = FileSystem.split(FileSystem.realPath(folder) ?? folder)
            if parentName == "blobs", HubName(folder: FileSystem.split(parent).name) != nil {
                guard let digest = SHA256Digest(hex: name) else { return nil }
                self.path = path
                promised = digest
                return
            }
            guard let next = FileSystem.destination(ofLink: place) else { return nil }
            place = next
        }
        return nil
    }

    /// A warning when the content is another than the name promises.
    ///
    /// Reads the whole file: its digest goes over the bytes in their order, and weights are read in any order.
    func finding() throws(CheckpointError) -> CheckpointFinding? {
        let file = try MappedFile(path: path)
        let bytes = file.contents
        var hasher = SHA256Hasher()
        var offset = 0
        while let chunk = bytes.slice(at: offset, count: min(Self.chunkSize, bytes.count - offset)), chunk.count > 0 {
            chunk.withUnsafeBytes { hasher.update($0) }
            chunk.relinquish()
            offset += chunk.count
        }
        try file.requireUnchanged()
        let digest = hasher.finalize()
        guard digest != promised else { return nil }
        let content = FileSystem.realPath(path) ?? path
        let fetch = HubName(inPath: content).map { "`hf download \($0)`" } ?? "`hf download`"
        return CheckpointFinding(
            .changedBlob, .warning, at: CheckpointLocation(path: path),
            "is not what was downloaded: the cache calls it \(promised), and its SHA-256 is \(digest). To have the "
                + "model as it is on the hub, remove \(content) and fetch it again with \(fetch).")
    }

    /// Warnings about the files that lie in a hub cache, each read on a core of its own.
    static func findings(of files: [CheckpointFile]) throws(CheckpointError) -> [CheckpointFinding] {
        let blobs = files.compactMap { HubBlob(behind: $0.path) }
        return try Parallel.map(blobs) { blob throws(CheckpointError) in try blob.finding() }.compactMap { $0 }
    }
}
