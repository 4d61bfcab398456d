import Foundation
import MAEFiles
import TestSupport
import Testing

@Suite("Files read and locked")
struct ReadingTests {
    @Test("a larger file than allowed is refused with both sizes, before its bytes are read")
    func limit() throws {
        let folder = try TemporaryDirectory()
        let file = try RegularFile(try folder.write("x", [1, 2, 3]))
        #expect(try file.bytes(limit: 3) == [1, 2, 3])
        let error = #expect(throws: FileError.self) { try file.bytes(limit: 2) }
        #expect(error?.problem == .tooLarge(size: 3, limit: 2))
    }

    @Test("a file cut short after it was opened is an error, and it counts as changed")
    func truncated() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1, 2, 3])
        let file = try RegularFile(path)
        #expect(!file.isChanged && truncate(path, 1) == 0)
        let error = #expect(throws: FileError.self) { try file.bytes(limit: 10) }
        #expect(error?.problem == .truncated)
        #expect(file.isChanged)
    }

    @Test("a link is followed or refused, as asked, and a pipe is not waited for")
    func others() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1])
        #expect(symlink(path, folder.file("link")) == 0 && mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(try RegularFile(folder.file("link")).size == 1)
        let refused = #expect(throws: FileError.self) { try RegularFile(folder.file("link"), followsLink: false) }
        #expect(refused?.problem == .system(ELOOP))
        let pipe = #expect(throws: FileError.self) { try RegularFile(folder.file("pipe")) }
        #expect(pipe?.problem == .notRegular)
        let missing = #expect(throws: FileError.self) { try RegularFile(folder.file("none")) }
        #expect(missing?.problem == .system(ENOENT))
    }

    @Test("one holder of a lock keeps others from it, shared holders do not keep each other")
    func locks() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("lock")
        #expect(try LockedFile(path, .shared, for: .reading) == nil)
        do {
            let holder = try LockedFile(path, .exclusive, for: .writing)
            #expect(holder != nil)
            #expect(try LockedFile(path, .exclusive, for: .writing) == nil)
            #expect(try LockedFile(path, .shared, for: .reading) == nil)
            withExtendedLifetime(holder) {}
        }
        let one = try LockedFile(path, .shared, for: .reading)
        let other = try LockedFile(path, .shared, for: .reading)
        #expect(one != nil && other != nil)
        withExtendedLifetime((one, other)) {}
    }

    @Test("a lock is not taken through a link")
    func lockThroughLink() throws {
        let folder = try TemporaryDirectory()
        let other = try folder.write("other", [9])
        #expect(symlink(other, folder.file("lock")) == 0)
        let error = #expect(throws: FileError.self) { try LockedFile(folder.file("lock"), .exclusive, for: .writing) }
        #expect(error?.problem == .system(ELOOP))
    }

    @Test("folders are made with all above them, also where some are there")
    func folders() throws {
        let folder = try TemporaryDirectory()
        try Folder.make(folder.file("a/b"))
        try Folder.make(folder.file("a/b/c/d"))
        #expect(FileSystem.isDirectory(folder.file("a/b/c/d")))
        let error = #expect(throws: FileError.self) { try Folder.make(try folder.write("file", []) + "/x") }
        #expect(error?.problem == .system(ENOTDIR))
    }
}
