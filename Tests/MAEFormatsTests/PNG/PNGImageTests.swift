import Testing

@testable import MAEFormats

@Suite("PNG files")
struct PNGImageTests {
    @Test(
        "the file has the chunks of the format with their checksums, and the samples come back",
        arguments: [(1, 1), (5, 3), (224, 224)])
    func roundTrip(width: Int, height: Int) throws {
        let samples = (0..<3 * width * height).map { (index: Int) -> UInt8 in
            UInt8(truncatingIfNeeded: index &* 37 ^ index >> 8)
        }
        let file = try #require(PNGImage(width: width, height: height, samples: samples).file)
        #expect(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        func number(_ offset: Int) -> Int {
            file[offset..<offset + 4].reduce(0) { (sum: Int, byte: UInt8) -> Int in sum << 8 | Int(byte) }
        }
        var chunks: [(type: String, content: ArraySlice<UInt8>)] = []
        var offset = 8
        while offset < file.count {
            let end = offset + 8 + number(offset)
            let checksum = file[offset + 4..<end].withUnsafeBytes { CRC32.of($0) }
            #expect(number(end) == Int(checksum))
            chunks.append((String(decoding: file[offset + 4..<offset + 8], as: UTF8.self), file[offset + 8..<end]))
            offset = end + 4
        }
        #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
        #expect(number(16) == width && number(20) == height && chunks[0].content.suffix(5) == [8, 2, 0, 0, 0])
        // Between zlib's header of two bytes and its checksum of four is what zip has too.
        var rows = [UInt8](repeating: 0, count: height * (1 + 3 * width))
        let count = chunks[1].content.dropFirst(2).dropLast(4).withUnsafeBytes { input in
            rows.withUnsafeMutableBytes { Inflater.inflate(input, into: $0) }
        }
        #expect(count == rows.count)
        let length = 1 + 3 * width
        var back: [UInt8] = []
        for row in 0..<height { back += rows[row * length + 1..<(row + 1) * length] }
        #expect(back == samples)
    }
}
