import Foundation
import MAEFormats
import MAETensor
import TestSupport
import Testing

@testable import MAEPictures

/// What Pillow and transformers made of the pictures under `Tests/Goldens/pictures`: `Tests/Reference/make_pictures.py` wrote it.
struct PillowGoldens: Decodable {
    struct Decoded: Decodable { let name: String, width: Int, height: Int }
    struct Resized: Decodable { let filter: Int, width: Int, height: Int }
    struct Preprocessed: Decodable { let settings: String, name: String, shape: [Int], sha256: String }

    let decoded: [Decoded]
    let resized: [Resized]
    let preprocessed: [Preprocessed]

    static func read() throws -> PillowGoldens {
        try JSONDecoder().decode(Self.self, from: Data(try Goldens.bytes("pictures/expected.json")))
    }

    static func picture(_ name: String) throws -> Picture {
        try PictureFile(path: Goldens.path("pictures/" + name)).decode().picture
    }
}

@Suite("Pictures, against Pillow and transformers")
struct PillowAgreementTests {
    private let goldens: PillowGoldens

    init() throws { goldens = try PillowGoldens.read() }

    @Test("every kind of PNG and JPEG has the pixels that PIL.Image.open(…).convert(\"RGB\") gives")
    func decoding() throws {
        var expected = try Goldens.bytes("pictures/decoded.bin")[...]
        #expect(goldens.decoded.count == 20)
        for golden in goldens.decoded {
            let picture = try PillowGoldens.picture(golden.name)
            #expect(picture.width == golden.width && picture.height == golden.height, "\(golden.name)")
            let pixels = expected.prefix(golden.width * golden.height * 3)
            expected = expected.dropFirst(pixels.count)
            #expect(picture.samples.elementsEqual(pixels), "\(golden.name): \(difference(picture.samples, pixels))")
        }
        #expect(expected.isEmpty)
    }

    @Test("what is unusual of a picture is told with it")
    func words() throws {
        let expected = [
            "cmyk.jpg": "61 × 47 JPEG, CMYK", "turned.jpg": "61 × 47 JPEG, EXIF orientation not applied",
            "gray-alpha-16.png": "9 × 6 PNG, gray, 16 bits, alpha dropped", "palette.png": "37 × 23 PNG, palette",
        ]
        for (name, words) in expected {
            #expect(try PictureFile(path: Goldens.path("pictures/" + name)).decode().words == words)
        }
    }

    @Test("every filter gives the bytes of PIL.Image.resize, larger and smaller, along one edge and both")
    func resizing() throws {
        var expected = try Goldens.bytes("pictures/resized.bin")[...]
        let picture = try PillowGoldens.picture("rgb.png")
        for golden in goldens.resized {
            let filter = try #require(ResamplingFilter(rawValue: golden.filter))
            let resized = try picture.resized(width: golden.width, height: golden.height, filter)
            let pixels = expected.prefix(golden.width * golden.height * 3)
            expected = expected.dropFirst(pixels.count)
            #expect(
                resized.samples.elementsEqual(pixels),
                "\(filter.name) to \(golden.width) × \(golden.height): \(difference(resized.samples, pixels))")
        }
        #expect(expected.isEmpty && goldens.resized.count == 42)
    }

    @Test("what a preprocessor_config.json asks for gives the tensors of ViTImageProcessor with Pillow, bit for bit")
    func preprocessing() throws {
        #expect(goldens.preprocessed.count == 24)
        for golden in goldens.preprocessed {
            let folder = try TemporaryDirectory()
            _ = try folder.write("preprocessor_config.json", Array(golden.settings.utf8))
            let found = try Preprocessing.find(in: [folder.path], otherwise: .standard)
            let tensor = try found.tensor(of: PillowGoldens.picture(golden.name))
            #expect(tensor.shape == golden.shape)
            #expect("\(tensor.digest())" == golden.sha256, "\(golden.name) with \(golden.settings)")
            // What a run keeps of it does the same again.
            let kept = try Preprocessing(settings: found.settings, origin: found.origin)
            #expect(kept == found)
        }
    }

    private func difference(_ mine: [UInt8], _ theirs: ArraySlice<UInt8>) -> String {
        let differences = zip(mine, theirs).map { abs(Int($0) - Int($1)) }
        return "\(differences.count { $0 > 0 }) of \(theirs.count) differ, by up to \(differences.max() ?? 0)"
    }
}
