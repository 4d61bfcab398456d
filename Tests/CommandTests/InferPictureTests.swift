import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

/// The samples of a PNG file of 8-bit RGB without filters.
private struct DecodedPNG {
    let width: Int, height: Int
    let samples: [UInt8]

    init(_ path: String) throws {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(_ offset: Int) -> Int {
            file[offset..<offset + 4].reduce(0) { (sum: Int, byte: UInt8) -> Int in sum << 8 | Int(byte) }
        }
        (width, height) = (number(16), number(20))
        let size = number(33)
        try #require(String(decoding: file[37..<41], as: UTF8.self) == "IDAT")
        var rows = [UInt8](repeating: 1, count: height * (1 + 3 * width))
        let stream = file[41..<41 + size].dropFirst(2).dropLast(4)
        let count = stream.withUnsafeBytes { input in rows.withUnsafeMutableBytes { Inflater.inflate(input, into: $0) }
        }
        try #require(count == rows.count)
        let length = 1 + 3 * width
        var samples: [UInt8] = []
        for row in 0..<height { samples += rows[row * length + 1..<(row + 1) * length] }
        self.samples = samples
    }

    subscript(x: Int, y: Int) -> [UInt8] {
        let first = (y * width + x) * 3
        return Array(samples[first..<first + 3])
    }
}

@Suite("Pictures of mae-coord infer")
struct InferPictureTests {
    /// Images of 32 × 32 in patches of 8 × 8, as the tiny model takes them: red rises to the right, green downwards, blue is 1.
    private func images() -> Tensor {
        var elements: [Float] = []
        for _ in 0..<2 {
            for channel in 0..<3 {
                for y in 0..<32 {
                    for x in 0..<32 { elements.append(channel == 2 ? 1 : Float(channel == 0 ? x : y) / 16 - 1) }
                }
            }
        }
        return Tensor(shape: [2, 3, 32, 32], elements: elements)
    }

    private func infer(_ folder: TemporaryDirectory, _ options: String...) async throws -> CommandResult {
        try images().writeNpy(to: folder.file("images.npy"))
        return try await Program.coordinator.run(
            [
                "infer", "--model", folder.file("model"), "--output", folder.file("out"), "--images",
                folder.file("images.npy"),
            ]
                + options)
    }

    private func color(_ value: Float, _ mean: Double, _ deviation: Double) -> UInt8 {
        UInt8((min(max(Double(value) * deviation + mean, 0), 1) * 255).rounded())
    }

    @Test(
        "input, masked input and reconstruction have the pixels, the mask and the prediction, in the processor's scale")
    func pixels() async throws {
        let folder = try await VerifySite.tinyModel()
        _ = try folder.write(
            "model/preprocessor_config.json",
            Array("{\"image_mean\": [0.5, 0.25, 0.5], \"image_std\": [0.5, 0.5, 0.25]}".utf8))
        let result = try await infer(folder, "--decoder", "--pictures")
        #expect(result.exitCode == 0, "\(result.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("out/pictures"))
        #expect(
            names.sorted() == [
                "index.html", "input-0.png", "input-1.png", "masked-0.png", "masked-1.png", "reconstruction-0.png",
                "reconstruction-1.png",
            ])
        let mask = try Tensor(npy: folder.file("out/mask.npy")).elements
        let logits = try Tensor(npy: folder.file("out/logits.npy")).elements
        let pixels = images().elements
        let scale = [(0.5, 0.5), (0.25, 0.5), (0.5, 0.25)]
        for image in 0..<2 {
            let pictures = try ["input", "masked", "reconstruction"].map {
                try DecodedPNG(folder.file("out/pictures/\($0)-\(image).png"))
            }
            #expect(pictures.allSatisfy { $0.width == 32 && $0.height == 32 })
            for (x, y) in (0..<1024).map({ ($0 % 32, $0 / 32) }) {
                let patch = y / 8 * 4 + x / 8
                let isRemoved = mask[image * 16 + patch] == 1
                let colors = scale.enumerated().map { channel, scale in
                    let index = (image * 3 + channel) * 1024 + y * 32 + x
                    return color(pixels[index], scale.0, scale.1)
                }
                let predicted = scale.enumerated().map { channel, scale in
                    let pixel = (image * 16 + patch) * 64 + y % 8 * 8 + x % 8
                    return color(logits[pixel * 3 + channel], scale.0, scale.1)
                }
                try #require(pictures[0][x, y] == colors)
                try #require(pictures[1][x, y] == (isRemoved ? [128, 128, 128] : colors))
                try #require(pictures[2][x, y] == (isRemoved ? predicted : colors))
            }
        }
        let page = try String(contentsOfFile: folder.file("out/pictures/index.html"), encoding: .utf8)
        #expect(page.components(separatedBy: "src=\"data:image/png;base64,").count == 7)
        #expect(page.contains("img-src data:") && page.contains("model/preprocessor_config.json"))
    }

    @Test(
        "without a decoder and a scale of its own there are two of each, by ImageNet's; a run without pictures removes them"
    )
    func imageNet() async throws {
        let folder = try await VerifySite.tinyModel()
        #expect(try await infer(folder, "--pictures").exitCode == 0)
        let input = try DecodedPNG(folder.file("out/pictures/input-0.png"))
        #expect(input[16, 16] == [color(0, 0.485, 0.229), color(0, 0.456, 0.224), color(1, 0.406, 0.225)])
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/pictures/reconstruction-0.png")))
        #expect(try await infer(folder).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/pictures")))
    }

    @Test(
        "a scale that no pixels can have is refused with its file",
        arguments: ["{\"image_std\": [0, 1, 1]}", "{\"image_mean\": \"x\"}", "{"])
    func badScale(text: String) async throws {
        let folder = try await VerifySite.tinyModel()
        let file = try folder.write("model/preprocessor_config.json", Array(text.utf8))
        let result = try await infer(folder, "--pictures")
        #expect(result.exitCode == 65 && result.errors.contains(file), "\(result.errors)")
    }
}
