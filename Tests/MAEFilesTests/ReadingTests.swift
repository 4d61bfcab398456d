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

    @Test("a lock is taken neither on a pipe nor on a file that has another name")
    func lockOnOthers() throws {
        let folder = try TemporaryDirectory()
        let other = try folder.write("other", [9])
        #expect(link(other, folder.file("lock")) == 0 && mkfifo(folder.file("pipe"), 0o600) == 0)
        for name in ["lock", "pipe"] {
            let error = #expect(throws: FileError.self) {
                try LockedFile(folder.file(name), .exclusive, for: .writing)
            }
            #expect(error?.problem == .notRegular, "\(name)")
            #expect(throws: FileError.self) { try LockedFile(waitingFor: folder.file(name)) }
        }
    }

    @Test("a file that is written to is told from what it was, also when its time of writing is put back")
    func forgedTime() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1, 2, 3])
        let before = try #require(FileIdentity(path))
        var status = stat()
        #expect(stat(path, &status) == 0)
        // The file system's clock goes by steps.
        usleep(50_000)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: [9])
        try handle.close()
        #expect(utimensat(AT_FDCWD, path, [status.st_atim, status.st_mtim], 0) == 0)
        #expect(FileIdentity(path) != before)
    }

    @Test("links of this user are followed to where a file is to be written, those of another user are not")
    func linkedPaths() throws {
        let folder = try TemporaryDirectory()
        let root = try #require(FileSystem.realPath(folder.path))
        try Folder.make(root + "/real")
        #expect(symlink("real", root + "/folder") == 0 && symlink("folder/x", root + "/link") == 0)
        #expect(symlink("link", root + "/again") == 0 && symlink("round", root + "/round") == 0)
        #expect(try LinkedPath.target(of: root + "/again") == root + "/real/x")
        #expect(try LinkedPath.target(of: root + "/none/x") == root + "/none/x")
        #expect(try LinkedPath.target(of: "x") == "x")
        #expect(FileSystem.kind(try LinkedPath.target(of: "/dev/null")) == S_IFCHR)
        let endless = #expect(throws: FileError.self) { try LinkedPath.target(of: root + "/round") }
        #expect(endless?.problem == .system(ELOOP))
        // Only root can give a link away.
        guard geteuid() == 0 else { return }
        #expect(lchown(root + "/folder", 1, 1) == 0)
        for path in ["again", "folder/x"] {
            let foreign = #expect(throws: FileError.self) { try LinkedPath.target(of: root + "/" + path) }
            #expect(foreign?.problem == .foreignLink(root + "/folder"))
        }
    }

    @Test("a private folder is closed to others, and is neither a link nor another user's")
    func privateFolders() throws {
        let folder = try TemporaryDirectory()
        try Folder.make(folder.file("open"), mode: 0o777)
        #expect(chmod(folder.file("open"), 0o755) == 0)
        for name in ["open", "new/inner"] {
            try Folder.makePrivate(folder.file(name))
            var status = stat()
            #expect(stat(folder.file(name), &status) == 0 && status.st_mode & 0o777 == 0o700, "\(name)")
        }
        #expect(symlink("open", folder.file("link")) == 0)
        let error = #expect(throws: FileError.self) { try Folder.makePrivate(folder.file("link")) }
        #expect(error?.problem == .notOwn)
    }

    @Test("files of a folder are removed by name, but nothing through a link")
    func removal() throws {
        let folder = try TemporaryDirectory()
        try Folder.make(folder.file("real/a"))
        for name in ["real/b", "real/c"] { _ = try folder.write(name, [1]) }
        #expect(symlink("real", folder.file("link")) == 0)
        Folder.removeFiles(in: folder.file("link")) { _ in true }
        #expect(FileSystem.names(in: folder.file("real")) == ["a", "b", "c"])
        Folder.removeFiles(in: folder.file("real")) { $0 != "c" }
        #expect(FileSystem.names(in: folder.file("real")) == ["a", "c"])
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
