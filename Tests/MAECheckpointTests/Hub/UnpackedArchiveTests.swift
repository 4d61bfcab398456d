import Foundation
import MAEFiles
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Files of torch.save that were unpacked")
struct UnpackedArchiveTests {
    /// Unpacks a golden file into a folder, as a browser does.
    private func unpack(_ golden: String, into folder: TestFolder) throws {
        let path = GoldenWeights.path(golden)
        let archive = try ZipArchive(try MappedFile(path: path).contents, path: path)
        for entry in archive.entries { try folder.write(entry.name, try archive.contents(of: entry).bytes) }
    }

    private func topFolder(of golden: String) throws -> String {
        let path = GoldenWeights.path(golden)
        return try TorchArchive(try ZipArchive(try MappedFile(path: path).contents, path: path)).name
    }

    @Test(
        "the folder, its pickle and the folder above name the command that zips it again",
        arguments: ["state4.pth", "full5.pth", "lightning.ckpt"])
    func namesTheCommand(golden: String) throws {
        let folder = try TestFolder("unpacked")
        try unpack(golden, into: folder)
        let top = try topFolder(of: golden)
        let root = try #require(FileSystem.realPath(folder.path))
        for name in [nil, top, top + "/data.pkl"] {
            let refusal = folder.refusal(name)
            #expect(refusal.contains("was unpacked (data.pkl, data/, version"), "\(refusal)")
            #expect(refusal.contains("`cd \(root) && zip -0 -r \(top).pth \(top)`"), "\(refusal)")
            #expect(refusal.contains("Then load \(root)/\(top).pth"), "\(refusal)")
        }
    }

    @Test("a file that is there already is not added to, and names with spaces are quoted")
    func choosesAFreeName() throws {
        let folder = try TestFolder("my files")
        try folder.add("vit mae/data.pkl", "vit mae/data/0", "vit mae/version", "vit mae.pth")
        let root = try #require(FileSystem.realPath(folder.path))
        let refusal = folder.refusal("vit mae")
        #expect(refusal.contains("`cd '\(root)' && zip -0 -r 'vit mae-zipped.pth' 'vit mae'`"), "\(refusal)")
    }

    @Test("what zipping would not mend says so")
    func namesOtherRemedies() throws {
        let folder = try TestFolder()
        try folder.add("half/data.pkl", "half/version", "script/data.pkl", "script/data/0", "script/constants.pkl")
        #expect(folder.refusal("half").contains("without the folder data that holds its tensors"))
        #expect(folder.refusal("half/data.pkl").contains("Fetch the file again"))
        #expect(folder.refusal("script").contains("TorchScript"))
    }

    @Test("a pickle of that name alone is read as what it is")
    func readsALonePickle() throws {
        let folder = try TestFolder()
        try folder.copy("legacy-state.pth", as: "data.pkl")
        #expect(try ModelCheckpoint.open(folder.file("data.pkl"), configuration: GoldenWeights.path("hub4")).hasDecoder)
    }
}
