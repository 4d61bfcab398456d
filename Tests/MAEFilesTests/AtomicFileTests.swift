import Foundation
import MAEFiles
import TestSupport
import Testing

@Suite("Files written whole")
struct AtomicFileTests {
    private func names(in folder: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func bytes(_ path: String) throws -> [UInt8] { try RegularFile(path).bytes(limit: 1 << 20) }

    @Test(
        "a file is replaced, however lasting it is to be, and nothing else stays",
        arguments: [AtomicFileOptions.Durability.none, .content, .contentAndName])
    func replacing(_ durability: AtomicFileOptions.Durability) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1])
        try AtomicFile.write([2, 3], to: path, AtomicFileOptions(durability: durability))
        #expect(try bytes(path) == [2, 3])
        #expect(try names(in: folder) == ["x"])
    }

    @Test("a file that is to be kept is kept, and the error says that it is there")
    func keeping() throws {
        let folder = try TemporaryDirectory()
        let options = AtomicFileOptions(existing: .kept)
        try AtomicFile.write([1], to: folder.file("x"), options)
        let error = #expect(throws: FileError.self) { try AtomicFile.write([2], to: folder.file("x"), options) }
        #expect(error?.problem == .system(EEXIST))
        #expect(try bytes(folder.file("x")) == [1])
        #expect(try names(in: folder) == ["x"])
    }

    @Test("a link is replaced, and what it leads to stays as it is")
    func link() throws {
        let folder = try TemporaryDirectory()
        let other = try folder.write("other", [9])
        #expect(symlink(other, folder.file("x")) == 0)
        try AtomicFile.write([1], to: folder.file("x"))
        #expect(try bytes(other) == [9])
        #expect(FileSystem.destination(ofLink: folder.file("x")) == nil)
    }

    @Test("a link of the temporary file's name cannot be placed there: no two names are alike")
    func guessing() throws {
        let folder = try TemporaryDirectory()
        var seen: Set<String> = []
        for _ in 0..<20 {
            try AtomicFile.write(to: folder.file("x"), failure: { $0 }) { file throws(FileError) in
                try file.append([1])
                let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
                seen.formUnion(names.filter { $0 != "x" })
            }
        }
        #expect(seen.count == 20)
    }

    @Test("folders, pipes and devices are left as they are")
    func others() throws {
        let folder = try TemporaryDirectory()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(mkdir(folder.file("folder"), 0o700) == 0)
        for (name, problem) in [("pipe", FileError.Problem.notRegular), ("folder", .system(EISDIR))] {
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: folder.file(name)) }
            #expect(error?.problem == problem)
        }
        #expect(try names(in: folder) == ["folder", "pipe"])
        #expect(SpecialFile.isAt(folder.file("pipe")) && !SpecialFile.isAt(folder.file("folder")))
    }

    @Test("a full device is told")
    func full() {
        let error = #expect(throws: FileError.self) { try SpecialFile.write([1], to: "/dev/full") }
        #expect(error?.isDiskFull == true)
    }

    @Test("permissions are those that were asked for")
    func permissions() throws {
        let folder = try TemporaryDirectory()
        try AtomicFile.write([1], to: folder.file("x"), AtomicFileOptions(mode: 0o600))
        #expect(try RegularFile(folder.file("x")).permissions == 0o600)
    }
}
