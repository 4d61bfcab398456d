import Foundation
import MAEFiles
import MAETensor
import TestSupport
import Testing

@testable import MAEContent

@Suite("Contents of files")
struct FileContentTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test("a file is read on any number of threads as it is", arguments: [0, 1, 1 << 20, (1 << 20) + 1, 5 << 20])
    func reading(size: Int) throws {
        let bytes = ContentSamples.bytes(size, seed: 1)
        let path = try folder.write("file", bytes)
        for threads in [1, 3] {
            let content = try FileContent(reading: ReadableFile(path), threads: threads)
            #expect(content == ContentSamples.content(of: bytes))
        }
    }

    @Test("a file that is written to, or replaced, is told from what it was")
    func fileIdentity() throws {
        let path = try folder.write("file", [1, 2, 3])
        let first = FileIdentity(path)
        #expect(first != nil && FileIdentity(path) == first)
        _ = try folder.write("file", [1, 2, 3, 4])
        #expect(FileIdentity(path) != first)
        #expect(FileIdentity(folder.file("absent")) == nil)
    }

    @Test("the digest is the one that the documentation tells to compute")
    func digest() {
        let bytes = ContentSamples.bytes((1 << 20) + 3, seed: 2)
        let parts = [bytes[..<(1 << 20)], bytes[(1 << 20)...]].flatMap { SHA256Digest(of: $0).bytes }
        #expect(ContentSamples.content(of: bytes).digest == SHA256Digest(of: parts))
        #expect(FileContent(size: 1, chunks: []) == nil)
        #expect(FileContent(size: -1, chunks: []) == nil)
    }

    @Test("a sparse file of more bytes than any checkpoint has is refused before it is read")
    func sparse() throws {
        let path = try folder.write("sparse", [])
        try #require(truncate(path, off_t(FileContent.maximumSize) + 1) == 0)
        let error = #expect(throws: ContentError.self) { _ = try FileContent(reading: ReadableFile(path)) }
        #expect(error?.code == .unreadable && error?.message.contains("at most") == true)
    }

    @Test("a file that is written to while it is read has no content")
    func changed() throws {
        let path = try folder.write("file", ContentSamples.bytes(2 << 20, seed: 3))
        let file = try ReadableFile(path)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: [0])
        let error = #expect(throws: ContentError.self) { _ = try FileContent(reading: file) }
        #expect(error?.code == .changed)
        try handle.truncate(atOffset: 1 << 20)
        #expect(throws: ContentError.self) { _ = try FileContent(reading: file) }
    }

    @Test("whoever is told of progress can end the reading")
    func cancellation() throws {
        let path = try folder.write("file", ContentSamples.bytes(3 << 20, seed: 4))
        #expect(throws: CancellationError.self) {
            _ = try FileContent(reading: ReadableFile(path)) { _ in throw CancellationError() }
        }
    }

    @Test("folders, pipes and what is not there are refused by name")
    func noFile() throws {
        mkfifo(folder.file("pipe"), 0o600)
        for path in [folder.path, folder.file("pipe"), folder.file("absent")] {
            let error = #expect(throws: ContentError.self) { _ = try ReadableFile(path) }
            #expect(error?.code == .unreadable && error?.description.hasPrefix(path) == true)
        }
    }

    @Test("files that were digested and closed are known to be others when they were replaced or written to since")
    func digestedFiles() throws {
        for name in ["b", "a"] { _ = try folder.write("photos/" + name, ContentSamples.bytes(100, seed: 7)) }
        let listing = FileListing(path: folder.file("photos"), isDirectory: true, names: ["b", "a"])
        func digested() throws -> DigestedFiles { try DigestedFiles(listing, memory: DigestMemory()) }
        let first = try digested()
        try first.requireUnchanged()
        #expect(try first.manifest == ReadFiles(listing, memory: DigestMemory()).manifest)
        #expect(first.manifest.files.map(\.name) == ["a", "b"])

        // The same bytes in another file may be others while it is read.
        let other = try folder.write("other", ContentSamples.bytes(100, seed: 7))
        #expect(rename(other, folder.file("photos/a")) == 0)
        #expect(throws: ContentError.self) { try first.requireUnchanged() }
        let second = try digested()
        try second.requireUnchanged()
        try FileManager.default.removeItem(atPath: folder.file("photos/b"))
        let error = #expect(throws: ContentError.self) { try second.requireUnchanged() }
        #expect(error?.code == .changed && error?.path == folder.file("photos/b"))
    }

    @Test("a large file is remembered over runs until it changes, and one just written is read again")
    func memory() throws {
        let bytes = ContentSamples.bytes(16 << 20, seed: 5)
        let path = try folder.write("file", bytes)
        let memory = folder.file("memory/digests.json")
        _ = try DigestMemory(path: memory).content(of: ReadableFile(path))
        #expect(!FileManager.default.fileExists(atPath: memory))

        try ContentSamples.age(path)
        let content = try DigestMemory(path: memory).content(of: ReadableFile(path))
        #expect(content == ContentSamples.content(of: bytes))
        // What is remembered is shown by what it says of a file whose bytes are not looked at.
        let lie = ContentSamples.content(of: ContentSamples.bytes(16 << 20, seed: 6))
        let text = try String(contentsOfFile: memory, encoding: .utf8)
        let swapped = zip(content.chunks, lie.chunks).reduce(text) {
            $0.replacingOccurrences(of: $1.0.description, with: $1.1.description)
        }
        try swapped.write(toFile: memory, atomically: true, encoding: .utf8)
        #expect(try DigestMemory(path: memory).content(of: ReadableFile(path)) == lie)

        try ContentSamples.age(path, seconds: 30)
        #expect(try DigestMemory(path: memory).content(of: ReadableFile(path)) == content)
        try "no json".write(toFile: memory, atomically: true, encoding: .utf8)
        #expect(try DigestMemory(path: memory).content(of: ReadableFile(path)) == content)
    }
}
