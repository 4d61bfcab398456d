import Foundation
import MAEFiles
import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Files")
struct FileTests {
    @Test("a file is mapped whole, an empty one as no bytes")
    func map() throws {
        let folder = try TemporaryDirectory()
        let file = try MappedFile(path: try folder.write("x", [1, 2, 3]))
        #expect(file.contents.bytes == [1, 2, 3])
        #expect(try MappedFile(path: try folder.write("empty", [])).size == 0)
    }

    @Test("a mapping lives as long as a tensor looks at it")
    func lifetime() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [0, 0, 0x80, 0x3F])
        let tensor = try CheckpointTensor(
            dtype: .float32, shape: [1], storage: try MappedFile(path: path).storage, byteOffset: 0,
            location: CheckpointLocation(path: path)
        ).tensor()
        #expect(tensor.elements == [1])
    }

    @Test("a file that is cut short while it is mapped reads as zeros, and is told")
    func cutShort() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [UInt8](repeating: 7, count: 1 << 20))
        let file = try MappedFile(path: path)
        #expect(file.contents.load(at: 0, as: UInt8.self) == 7)
        try file.requireUnchanged()
        #expect(truncate(path, 10) == 0)
        try file.requireWhole()
        #expect(throws: CheckpointError.self) { try file.requireUnchanged() }
        // On several threads, as weights are read.
        let counts = try Parallel.map([0, 1, 2, 3]) { _ throws(CheckpointError) in
            file.withUnsafeBytes { bytes in bytes.count { $0 == 7 } }
        }
        #expect(counts.allSatisfy { (10..<(1 << 20)).contains($0) })
        let error = #expect(throws: CheckpointError.self) { try file.requireWhole() }
        #expect(error?.code == .contradiction && error?.message.contains("changed while it was read") == true)
        // Others are none the worse.
        try MappedFile(path: path).requireWhole()
    }

    @Test("bytes are copied from the file, those that were cut off as zeros, and it is told")
    func copies() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", (0..<100).map { UInt8($0) })
        let file = try MappedFile(path: path)
        // A view of a view, as tensors of an archive's records are.
        let storage = try #require(file.contents.slice(at: 10, count: 80)).tensorStorage
        var buffer = [UInt8](repeating: 0xEE, count: 8)
        buffer.withUnsafeMutableBytes { storage.copy(5..<11, to: $0) }
        #expect(buffer == [15, 16, 17, 18, 19, 20, 0xEE, 0xEE])
        try file.requireUnchanged()
        #expect(truncate(path, 18) == 0)
        buffer.withUnsafeMutableBytes { storage.copy(5..<11, to: $0) }
        #expect(buffer == [0, 0, 0, 0, 0, 0, 0xEE, 0xEE])
        let error = #expect(throws: CheckpointError.self) { try file.requireWhole() }
        #expect(error?.code == .contradiction)
        // Memory of a storage's own is only copied.
        let own = TensorStorage(byteCount: 4) { $0.copyBytes(from: [9, 8, 7, 6]) }
        buffer.withUnsafeMutableBytes { own.copy(1..<3, to: $0) }
        #expect(buffer.prefix(3) == [8, 7, 0])
    }

    @Test("what comes of a file that is written to meanwhile is refused, its errors too")
    func writtenTo() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1, 2, 3])
        for fails in [false, true] {
            let file = try MappedFile(path: path)
            let error = #expect(throws: CheckpointError.self) {
                try file.read { () throws(CheckpointError) in
                    #expect(truncate(path, fails ? 4 : 2) == 0)
                    if fails { throw CheckpointError(.missing, path: path, "a key") }
                }
            }
            #expect(error?.code == .contradiction)
        }
    }

    @Test("what is no readable file is refused, with the remedy")
    func unreadable() throws {
        let folder = try TemporaryDirectory()
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        for (path, remedy) in [
            (folder.file("nothing"), "spelling"), (folder.path, "inside it"), (pipe, "regular file"),
        ] {
            let error = #expect(throws: CheckpointError.self) { try MappedFile(path: path) }
            #expect(error?.code == .unreadableFile)
            #expect(error?.path == path)
            #expect(error?.message.contains(remedy) == true)
        }
    }

    @Test("a file replaced through an atomic write is the old one or the new one, and nothing else stays")
    func atomicWrite() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("x", [1])
        let failure = CheckpointError(.missing, path: path, "nothing to write")
        #expect(throws: failure) {
            try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
                try file.append([2, 3])
                throw failure
            }
        }
        #expect(try MappedFile(path: path).contents.bytes == [1])
        let large = [UInt8](repeating: 7, count: 3 << 20)
        try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
            try file.append([9])
            try large.span.bytes.withUnsafeBytes { bytes throws(CheckpointError) in try file.append(bytes) }
            #expect(file.count == 1 + large.count)
        }
        #expect(try MappedFile(path: path).contents.bytes == [9] + large)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x"])
    }

    @Test("a file that cannot be written is refused")
    func unwritable() throws {
        let folder = try TemporaryDirectory()
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointOutput.write(to: folder.file("no/such/folder")) { _ throws(CheckpointError) in }
        }
        #expect(error?.code == .unwritableFile)
    }

    @Test(
        "content is told by its first bytes",
        arguments: [
            ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"), ([0x1F, 0x8B, 8], "gzip"), ([0x89, 0x50, 0x4E, 0x47], "PNG"),
            ([UInt8](repeating: 0, count: 257) + Array("ustar".utf8), "tar"),
            (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "Git LFS"),
        ])
    func content(_ bytes: [UInt8], _ name: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try TorchFile.read(ByteView(copying: bytes), path: "x.pth")
        }
        #expect(error?.code == .unsupportedFormat)
        #expect(error?.message.contains(name) == true)
    }
}
