import Foundation
import MAEContent
import MAETensor
import Synchronization
import TestSupport
import Testing

@Suite("The cache of contents")
struct ContentCacheTests {
    struct Stop: Error {}

    let folder: TemporaryDirectory
    let bytes = ContentSamples.bytes((3 << 20) + 5, seed: 1)
    let notes = Notes()

    final class Notes: Sendable {
        let all = Mutex<[String]>([])
    }

    /// A number that threads share.
    final class Flag: Sendable {
        let count = Mutex(0)
    }

    init() throws { folder = try TemporaryDirectory() }

    func cache(limit: Int = 1 << 40) -> ContentCache {
        ContentCache(directory: folder.file("cache"), limit: limit) { [notes] note in
            notes.all.withLock { $0.append(note) }
        }
    }

    /// Puts bytes into a cache as a fetch does.
    func put(_ bytes: [UInt8], in cache: ContentCache) throws -> CachedFile {
        try cache.file(ContentSamples.content(of: bytes)) {
            try $0.fill(from: bytes)
        } wait: { _ in
            throw Stop()
        }
    }

    @Test("a file is filled once, and is whole, read-only and named after its content")
    func filling() throws {
        let content = ContentSamples.content(of: bytes)
        let cache = cache()
        let file = try put(bytes, in: cache)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == Data(bytes))
        #expect(file.path.hasSuffix("/files/\(content.digest)"))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o400)
        for name in ["files", "partial", "verified", "views"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: cache.directory + "/" + name)
            #expect(attributes[.posixPermissions] as? Int == 0o700, "\(name)")
        }
        for other in [cache, self.cache()] {
            let again = try other.file(content) { _ in
                throw Stop()
            } wait: { _ in
                throw Stop()
            }
            #expect(again.path == file.path)
        }
        #expect(try put([], in: cache).path.hasSuffix("\(ContentSamples.content(of: []).digest)"))
    }

    @Test("a chunk with other bytes, or of another length, is not written")
    func wrongChunk() throws {
        let content = ContentSamples.content(of: bytes)
        _ = try cache().file(content) { partial in
            var wrong = Array(bytes[content.range(ofChunk: 1)])
            wrong[7] ^= 1
            #expect(try !wrong.withUnsafeBytes { try partial.write(chunk: 1, $0) })
            #expect(try !wrong.dropLast().withUnsafeBytes { try partial.write(chunk: 1, $0) })
            #expect(partial.missing == [0, 1, 2, 3] && partial.byteCount == 0)
            try partial.fill(from: bytes)
        } wait: { _ in
            throw Stop()
        }
    }

    @Test("whoever comes after a fill that broke off has its good chunks, and only those")
    func resuming() throws {
        let content = ContentSamples.content(of: bytes)
        #expect(throws: Stop.self) {
            _ = try cache().file(content) { partial in
                try partial.fill(from: bytes, count: 2)
                throw Stop()
            } wait: { _ in
            }
        }
        // A crash may leave anything in the file.
        let path = folder.file("cache/partial/\(content.digest)-\(content.size)")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 100)
        try handle.write(contentsOf: [bytes[100] ^ 1])
        try handle.close()
        _ = try cache().file(content) { partial in
            #expect(partial.missing == [0, 2, 3] && partial.byteCount == 1 << 20)
            try partial.fill(from: bytes)
        } wait: { _ in
            throw Stop()
        }
    }

    @Test("two who want one file: one fills it, the other waits, and takes over when the first gives up")
    func takingOver() throws {
        let content = ContentSamples.content(of: bytes)
        let began = Flag()
        let waits = Flag()
        let ends = Flag()
        let (mine, theirs) = (cache(), cache())
        // A thread of its own: those of tasks are few, and others may have them all while this one waits.
        let first = Thread { [bytes] in
            do {
                _ = try mine.file(content) { partial in
                    try partial.fill(from: bytes, count: 1)
                    began.count.withLock { $0 = 1 }
                    try blockUntil("the other one waits") { waits.count.withLock { $0 >= 2 } }
                    throw Stop()
                } wait: { _ in
                    throw Stop()
                }
            } catch {
                if error is Stop { ends.count.withLock { $0 = 1 } }
            }
        }
        first.start()
        try blockUntil("the first one fills") { began.count.withLock { $0 == 1 } }
        let file = try theirs.file(content) { partial in
            #expect(waits.count.withLock { $0 } >= 2)
            #expect(partial.missing == [1, 2, 3])
            try partial.fill(from: bytes)
        } wait: { count in
            #expect(count == 1 << 20)
            waits.count.withLock { $0 += 1 }
        }
        try blockUntil("the first one has given up") { ends.count.withLock { $0 == 1 } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == Data(bytes))
    }

    @Test("the file used longest ago goes first, and none that is in use")
    func eviction() throws {
        let contents = (0..<4).map { ContentSamples.bytes(1 << 20, seed: 10 + UInt64($0)) }
        let cache = cache(limit: 3 << 20)
        var files: [CachedFile?] = try contents.prefix(3).map { try put($0, in: cache) }
        let paths = files.compactMap { $0?.path }
        // Used in the order 1, 2, 0; and 1 is still in use.
        for (age, index) in [(300, 1), (200, 2), (100, 0)] {
            var times = [timespec(tv_sec: time(nil) - age, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)]
            utimensat(AT_FDCWD, paths[index], &times, 0)
        }
        (files[0], files[2]) = (nil, nil)
        _ = try put(contents[3], in: cache)
        #expect(paths.map { FileManager.default.fileExists(atPath: $0) } == [true, true, false])
        #expect(notes.all.withLock { $0.count == 1 && $0[0].contains(paths[2]) })
        withExtendedLifetime(files) {}
    }

    @Test("what does not fit below the limit is refused with the remedy, and what is in use stays")
    func full() throws {
        let cache = cache(limit: 2 << 20)
        let held = try put(ContentSamples.bytes(1 << 20, seed: 20), in: cache)
        for bytes in [bytes, ContentSamples.bytes((1 << 20) + 1, seed: 21)] {
            let error = #expect(throws: ContentError.self) { _ = try put(bytes, in: cache) }
            #expect(error?.code == .cacheFull && error?.message.contains("--cache-limit") == true)
        }
        #expect(FileManager.default.fileExists(atPath: held.path))
    }

    @Test("two files that are filled at a time share the limit, whatever there is of them yet")
    func reservedRoom() async throws {
        let (one, two) = (ContentSamples.bytes(2 << 20, seed: 40), ContentSamples.bytes(2 << 20, seed: 41))
        let cache = cache(limit: 3 << 20)
        _ = try cache.file(ContentSamples.content(of: one)) { partial in
            try partial.fill(from: one, count: 1)
            let error = #expect(throws: ContentError.self) { _ = try put(two, in: self.cache(limit: 3 << 20)) }
            #expect(error?.code == .cacheFull)
            try partial.fill(from: one)
        } wait: { _ in
            throw Stop()
        }
        // Nobody uses the first any more.
        _ = try put(two, in: cache)
    }

    @Test("verifying what lies on the disk can be watched and broken off")
    func watchedVerification() throws {
        let content = ContentSamples.content(of: bytes)
        let path = try put(bytes, in: cache()).path
        // As after a restart of the machine.
        try FileManager.default.removeItem(atPath: folder.file("cache/verified"))
        func file(_ progress: @escaping @Sendable (Int) throws -> Void) throws -> CachedFile {
            try cache().file(content, progress: progress) { _ in
                throw CancellationError()
            } wait: { _ in
                throw CancellationError()
            }
        }
        #expect(throws: Stop.self) { _ = try file { _ in throw Stop() } }
        let seen = Flag()
        #expect(try file { more in seen.count.withLock { $0 += more } }.path == path)
        #expect(seen.count.withLock { $0 } == bytes.count)
    }

    @Test("a damaged file is noticed by the next process, removed and filled again")
    func damage() throws {
        let path = try put(bytes, in: cache()).path
        chmod(path, 0o644)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 2 << 20)
        try handle.write(contentsOf: [bytes[2 << 20] ^ 0x80])
        try handle.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: put(bytes, in: cache()).path)) == Data(bytes))
        #expect(notes.all.withLock { $0.count == 1 && $0[0].contains("damaged") })
    }

    @Test("a view gives files their names, and goes when one of them is gone")
    func view() throws {
        let (one, two) = (ContentSamples.bytes(1 << 20, seed: 30), [UInt8]("{}".utf8))
        let manifest = try Manifest(
            isDirectory: true,
            files: [
                .init(name: "model.safetensors", content: ContentSamples.content(of: one)),
                .init(name: "config.json", content: ContentSamples.content(of: two)),
            ])
        let cache = cache(limit: (1 << 20) + 1000)
        var held: [CachedFile] = [try put(one, in: cache), try put(two, in: cache)]
        let path = try cache.view(of: manifest)
        #expect(try cache.view(of: manifest) == path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/config.json")) == Data(two))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/model.safetensors")) == Data(one))
        let single = try Manifest(
            isDirectory: false, files: [.init(name: "m.pth", content: ContentSamples.content(of: two))])
        #expect(try cache.view(of: single).hasSuffix("\(single.digest)/m.pth"))

        held = []
        _ = try put(ContentSamples.bytes(1 << 20, seed: 31), in: cache)
        #expect(!FileManager.default.fileExists(atPath: path))
        withExtendedLifetime(held) {}
    }

    @Test("a folder that cannot be written to is named")
    func unwritable() throws {
        let path = try folder.write("cache", [1])
        let error = #expect(throws: ContentError.self) { _ = try put(bytes, in: cache()) }
        #expect(error?.code == .unwritable && error?.path.hasPrefix(path) == true)
    }
}
