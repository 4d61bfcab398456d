import MAETensor
import TestSupport
import Testing

@testable import MAEPictures

@Suite("Damaged and hostile pictures")
struct DamagedPictureTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func message(_ bytes: [UInt8], named name: String = "a.png") throws -> String? {
        let path = try folder.write(name, bytes)
        do throws(TensorError) {
            _ = try PictureFile(path: path).decode()
            return nil
        } catch {
            #expect(error.path == path)
            return error.message
        }
    }

    @Test(
        "a picture that is cut short anywhere is an error, never other pixels",
        arguments: ["rgb.png", "420.jpg", "progressive.jpg"])
    func cutShort(name: String) throws {
        let bytes = try Goldens.bytes("pictures/" + name)
        // Behind the pixels there are a checksum and a chunk that says that it is the last; of a JPEG file a mark says so.
        let needed = bytes.count - (name.hasSuffix(".png") ? 16 : 2)
        for length in stride(from: 0, to: needed, by: 7) {
            let message = try message(Array(bytes.prefix(length)), named: name)
            #expect(message != nil, "\(name), \(length) of \(bytes.count) bytes")
        }
    }

    @Test("a byte that was changed in the pixels of a PNG file is noticed")
    func changed() throws {
        var bytes = try Goldens.bytes("pictures/rgb.png")
        bytes[bytes.count / 2] ^= 1
        #expect(try message(bytes)?.contains("is damaged or cut short (libspng: ") == true)
    }

    @Test("a file is what it holds, whatever its name says; what is no picture, and an empty file, are told")
    func otherContent() throws {
        let jpeg = try Goldens.bytes("pictures/420.jpg")
        #expect(try message(jpeg, named: "a.png") == nil)
        #expect(try message([], named: "empty.jpg") == "is empty. Fetch or save the picture again")
        let gif = try message(Array("GIF89a......".utf8), named: "b.jpg")
        #expect(
            gif
                == "is neither PNG nor JPEG, nor named .npy: it begins with 47 49 46 38 39 61 2E 2E (hexadecimal). Save it as one of them"
        )
    }

    /// A PNG file that says it has so many pixels, with a right checksum.
    private func png(width: UInt32, height: UInt32, depth: UInt8 = 8, color: UInt8 = 2) throws -> [UInt8] {
        func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func checksum(_ bytes: [UInt8]) -> UInt32 {
            ~bytes.reduce(~0) { sum, byte in
                (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
            }
        }
        let header = Array("IHDR".utf8) + big(width) + big(height) + [depth, color, 0, 0, 0]
        let whole = try Goldens.bytes("pictures/rgb.png")
        return PNGDecoder.signature + big(13) + header + big(checksum(header)) + whole.dropFirst(33)
    }

    @Test(
        "a bomb is refused by its header, before there is memory for it; so is a header that promises more than the file holds"
    )
    func bombs() throws {
        #expect(try message(png(width: 100_000, height: 100_000))?.contains("at most 89478485 are decoded") == true)
        #expect(try message(png(width: 2_147_483_647, height: 2_147_483_647)) != nil)
        #expect(try message(png(width: 9000, height: 9000))?.contains("more than its 21") == true)
        #expect(try message(png(width: 0, height: 7)) != nil)
        // The pixels of a picture of 37 × 23 do not fill one of 38 × 23.
        #expect(try message(png(width: 38, height: 23)) != nil)
        var jpeg = try Goldens.bytes("pictures/420.jpg")
        let frame = try #require((0..<jpeg.count - 9).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        for byte in frame + 5..<frame + 9 { jpeg[byte] = 0xF0 }
        #expect(try message(jpeg, named: "a.jpg")?.contains("has 61680 × 61680 pixels") == true)
        for byte in frame + 5..<frame + 9 { jpeg[byte] = 0 }
        #expect(try message(jpeg, named: "a.jpg") != nil)
    }

    @Test("a palette that is too short is told, and a picture too long and narrow for its shorter edge")
    func limits() throws {
        let header = PNGDecoder.Header(width: 2, height: 1, depth: 8, colors: .palette)
        #expect(throws: PictureProblem.self) { try PNGColors(header, palette: [1, 2, 3]).rgb([0, 1]) }
        #expect(try PNGColors(header, palette: [1, 2, 3]).rgb([0, 0]) == [1, 2, 3, 1, 2, 3])
        let thread = Picture(width: 1, height: 500_000, samples: Array(repeating: 9, count: 1_500_000))
        #expect(try thread.resized(width: 224, height: 224, .bilinear).samples.allSatisfy { $0 == 9 })
        var edge = Preprocessing.viTMAE(.standard)
        edge.size = .shortestEdge(224)
        #expect(throws: PictureProblem.self) { try edge.tensor(of: thread) }
    }

    @Test("EXIF data that is cut short or leads outside of the file is none", arguments: [true, false])
    func orientation(isBigEndian: Bool) {
        func number(_ value: Int, _ bytes: Int) -> [UInt8] {
            let digits = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBigEndian ? digits.reversed() : digits
        }
        func jpeg(_ directory: Int, entries: Int = 1) -> [UInt8] {
            let tiff = Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(directory, 4)
            let entry = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(6, 2) + [0, 0]
            let exif = Array("Exif\0\0".utf8) + tiff + number(entries, 2) + entry
            return [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif
        }
        func found(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { EXIFOrientation.find(in: $0) } }
        #expect(found(jpeg(8)) == 6)
        #expect(found(jpeg(8, entries: 65535)) == 6)
        for length in 0..<jpeg(8).count - 2 { #expect(found(Array(jpeg(8).prefix(length))) == nil) }
        for directory in [0, 9, 1000, 0xFFFF_FFFF] { #expect(found(jpeg(directory)) == nil) }
    }

    @Test("no change of bytes stops the process", arguments: RandomSeeds.wanted(0..<40))
    func mutations(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let names = try PillowGoldens.read().decoded.map(\.name)
        for name in names {
            var bytes = try Goldens.bytes("pictures/" + name)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try message(bytes, named: "mutated.png")
        }
    }
}
