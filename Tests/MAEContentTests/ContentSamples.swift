import Foundation
import MAEContent
import MAETensor
import TestSupport

/// Bytes and files with known contents.
enum ContentSamples {
    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SplitMix(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }

    /// What a file of `bytes` holds, without any code that reads files.
    static func content(of bytes: [UInt8]) -> FileContent {
        let chunks = stride(from: 0, to: bytes.count, by: FileContent.chunkSize).map {
            SHA256Digest(of: bytes[$0..<min($0 + FileContent.chunkSize, bytes.count)])
        }
        guard let content = FileContent(size: bytes.count, chunks: chunks) else {
            preconditionFailure("there is a digest for each chunk")
        }
        return content
    }

    /// Sets the time of the last write, so that a file looks as if nobody had touched it for a while.
    static func age(_ path: String, seconds: Double = 60) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path)
    }
}

extension PartialFile {
    /// Writes all chunks that lack, or the first `count` of them.
    func fill(from bytes: [UInt8], count: Int = .max) throws {
        for index in missing.prefix(count) {
            let isRight = try bytes[content.range(ofChunk: index)].withUnsafeBytes { try write(chunk: index, $0) }
            precondition(isRight, "the bytes are those of the content")
        }
    }
}
