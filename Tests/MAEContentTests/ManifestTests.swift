import MAEContent
import MAETensor
import TestSupport
import Testing

@Suite("Manifests")
struct ManifestTests {
    static let content = ContentSamples.content(of: [1, 2, 3])

    static func manifest(_ names: [String], isDirectory: Bool = true) throws(ContentError) -> Manifest {
        try Manifest(isDirectory: isDirectory, files: names.map { .init(name: $0, content: content) })
    }

    @Test("the digest depends on names, contents and kind, and not on the order")
    func digest() throws {
        let one = try Self.manifest(["b", "a"])
        #expect(one == (try Self.manifest(["a", "b"])))
        #expect(one.text == "directory\n\(Self.content.digest) 3 a\n\(Self.content.digest) 3 b\n")
        #expect(one.digest == SHA256Digest(of: one.text.utf8))
        let others = [
            try Self.manifest(["a", "c"]), try Self.manifest(["a"]), try Self.manifest(["a"], isDirectory: false),
        ]
        #expect(Set(others.map(\.digest) + [one.digest]).count == 4)
    }

    @Test(
        "names that lead elsewhere, or look like more than one line, are refused",
        arguments: ["", ".", "..", "a/b", "/a", "..\\a", "a\0b", "a\nb", "a\u{7F}", String(repeating: "n", count: 256)])
    func names(name: String) {
        let error = #expect(throws: ContentError.self) { _ = try Self.manifest(["good", name]) }
        #expect(error?.code == .invalidManifest)
    }

    @Test("a name that comes twice, no file, and two files that are no folder are refused")
    func counts() {
        #expect(throws: ContentError.self) { _ = try Self.manifest(["a", "a"]) }
        #expect(throws: ContentError.self) { _ = try Self.manifest([]) }
        #expect(throws: ContentError.self) { _ = try Self.manifest(["a", "b"], isDirectory: false) }
        #expect(throws: ContentError.self) {
            _ = try Self.manifest((0...Manifest.maximumFileCount).map { "\($0)" })
        }
    }

    @Test("more chunks than a message can list are refused")
    func chunks() {
        let digest = SHA256Digest(of: [])
        let size = (Manifest.maximumChunkCount + 1) * FileContent.chunkSize
        let chunks = Array(repeating: digest, count: Manifest.maximumChunkCount + 1)
        #expect(throws: ContentError.self) {
            let content = try #require(FileContent(size: size, chunks: chunks))
            _ = try Manifest(isDirectory: false, files: [.init(name: "a", content: content)])
        }
    }

    @Test("a listing is read into a manifest with its open files in the same order")
    func reading() throws {
        let folder = try TemporaryDirectory()
        for name in ["b", "a"] { _ = try folder.write(name, Array(name.utf8)) }
        _ = try folder.write("other", [0])
        let listing = FileListing(path: folder.path, isDirectory: true, names: ["b", "a"])
        let read = try ReadFiles(listing, memory: DigestMemory())
        #expect(read.manifest.files.map(\.name) == ["a", "b"])
        #expect(read.files.map(\.path) == [folder.file("a"), folder.file("b")])
        #expect(read.manifest.files.map(\.content) == ["a", "b"].map { ContentSamples.content(of: Array($0.utf8)) })
    }
}
