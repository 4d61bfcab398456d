import Foundation
import MAETensor
import TestSupport
import Testing

@Suite("Outputs that would be written over inputs")
struct InputProtectionTests {
    let folder: TemporaryDirectory
    let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = folder.file("model.pth")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/full5.pth"), toPath: model)
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/hub5"), toPath: folder.file("hub"))
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: model)
    }

    @Test(
        "a report is not written over what is read, by whatever name",
        arguments: [
            ["explain", "model.pth", "--json", "model.pth"], ["explain", "model.pth", "--html", "./link"],
            ["verify", "--method", "full=model.pth", "--junit", "model.pth", "--store", "s"],
            ["verify", "--method", "pretrained=hub", "--metrics", "hub/config.json", "--store", "s"],
            ["verify", "--method", "full=model.pth", "--health", "model.pth", "--store", "s"],
            ["verify", "--method", "full=model.pth", "--endpoint-file", "link", "--store", "s"],
            ["explain", "hub", "--json", "one", "--html", "one"],
        ])
    func reports(arguments: [String]) async throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: model))
        let result = try await Program.coordinator.run(arguments, in: folder.path)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("name another file"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)) == before)
        #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
    }

    @Test("a run that is carried on keeps the files that it was planned with")
    func resumed() async throws {
        let site = try await VerifySite(
            ["--method", "full=\(model)", "--run", "first", "--timeout", "1"], folder: folder)
        #expect(try await site.coordinator.result().exitCode == 3)
        let before = try Data(contentsOf: URL(fileURLWithPath: model))
        let result = try await Program.coordinator.run([
            "verify", "--store", folder.file("store"), "--resume", "first", "--json", model,
        ])
        #expect(result.exitCode == 64 && result.errors.contains("name another file"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)) == before)
    }

    @Test("the folder of images takes no outputs")
    func images() async throws {
        let images = folder.file("images")
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        let result = try await Program.coordinator.run(
            "infer", "--model", "hub", "--images", images, "--output", "images/", in: folder.path)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("name another folder"), "\(result.errors)")
    }

    @Test(
        "an image that the folder of outputs has under the name of an output stays",
        arguments: ["layernorm.npy", "pictures"])
    func output(name: String) async throws {
        try FileManager.default.createDirectory(atPath: folder.file("out/pictures"), withIntermediateDirectories: true)
        let images = ["out/layernorm.npy", "out/pictures/image-0.npy"]
        let pixels = Tensor(shape: [2, 3, 32, 32], repeating: 0.5)
        for image in images { try pixels.writeNpy(to: folder.file(image)) }
        let result = try await Program.coordinator.run(
            "infer", "--model", "hub", "--images", "out/\(name)", "--output", "out", in: folder.path)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("out/\(name) is read; name another folder"), "\(result.errors)")
        for image in images { #expect(try Tensor(npy: folder.file(image)) == pixels, "\(image)") }
    }

    @Test("a device takes several reports")
    func device() async throws {
        let result = try await Program.coordinator.run(
            "explain", "hub", "--json", "/dev/null", "--html", "/dev/null", in: folder.path)
        #expect(result.exitCode == 1, "\(result.errors)")
    }
}
