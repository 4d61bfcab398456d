import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Texts named as checkpoints")
struct TextFileTests {
    @Test(
        "a page in place of a file is refused, whatever the name of the file",
        arguments: ["pth", "safetensors", "bin"])
    func refuses(name: String) throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write("model.\(name)", Array("<html><body>Sign in</body></html>".utf8))
        let error = #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(path) }
        #expect(error?.code == .unsupportedFormat)
        #expect(error?.message.contains("an HTML page, which begins \"<html><body>Sign in") == true)
    }
}
