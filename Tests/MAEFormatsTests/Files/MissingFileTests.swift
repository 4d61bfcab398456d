import TestSupport
import Testing

@testable import MAEFormats

@Suite("Paths at which nothing is")
struct MissingFileTests {
    @Test("files that differ in the extension alone are named, and so is a missing folder")
    func namesWhatIsThere() throws {
        let folder = try TemporaryDirectory()
        for name in ["vit_mae.pth", "vit_mae.txt", "other.pth", "vit_mae.old.pth"] { _ = try folder.write(name, [1]) }
        for (name, remedy) in [
            ("vit_mae.cpkt", "Its folder has vit_mae.pth, vit_mae.txt. Check the extension."),
            ("vit_mae", "Its folder has vit_mae.pth, vit_mae.txt. Check the extension."),
            ("vit.pth", "Check the spelling of the path."), (".pth", "Check the spelling of the path."),
            ("models/vit_mae.pth", "There is no folder \(folder.file("models")). Check the spelling of the path."),
        ] {
            let error = #expect(throws: CheckpointError.self) { try MappedFile(path: folder.file(name)) }
            #expect(error?.message.hasSuffix(remedy) == true, "\(String(describing: error))")
        }
    }
}
