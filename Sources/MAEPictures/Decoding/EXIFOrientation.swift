/// How a camera was held, from the EXIF data of a JPEG file: as `PIL.Image.open`, nothing here turns pictures, but it is told.
enum EXIFOrientation {
    /// The number from 1 (upright) to 8; nil where the file has none that can be read.
    static func find(in jpeg: UnsafeRawBufferPointer) -> Int? {
        let file = Reader(bytes: jpeg, isBigEndian: true)
        var place = JPEGDecoder.signature.count - 1
        // Segments, each a mark and the length of what follows it, up to the first that is no part of the head.
        while let mark = file.short(place), mark >> 8 == 0xFF, let length = file.short(place + 2), length >= 2 {
            if mark == applicationMark, file.starts(with: header, at: place + 4) {
                return orientation(UnsafeRawBufferPointer(rebasing: jpeg.dropFirst(place + 4 + header.count)))
            }
            guard mark != scanMark else { return nil }
            place += 2 + length
        }
        return nil
    }

    private static let applicationMark = 0xFFE1, scanMark = 0xFFDA
    private static let header = Array("Exif\0\0".utf8)
    private static let orientationTag = 0x0112
    private static let entryBytes = 12

    /// The same in a TIFF structure, which may go on behind its segment: only what is read is looked at.
    private static func orientation(_ tiff: UnsafeRawBufferPointer) -> Int? {
        guard let order = tiff.first, [UInt8(ascii: "I"), UInt8(ascii: "M")].contains(order) else { return nil }
        let reader = Reader(bytes: tiff, isBigEndian: order == UInt8(ascii: "M"))
        guard let directory = reader.long(4), let count = reader.short(directory) else { return nil }
        let entries = (0..<count).lazy.map { directory + 2 + $0 * entryBytes }
        guard let entry = entries.first(where: { reader.short($0) == orientationTag }),
            let value = reader.short(entry + 8), (1...8).contains(value)
        else { return nil }
        return value
    }

    /// Numbers at places that may be outside of the bytes, where they are nil.
    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        let isBigEndian: Bool

        func short(_ place: Int) -> Int? { number(place, 2) }

        func long(_ place: Int) -> Int? { number(place, 4) }

        func starts(with expected: [UInt8], at place: Int) -> Bool {
            place + expected.count <= bytes.count && expected.indices.allSatisfy { bytes[place + $0] == expected[$0] }
        }

        private func number(_ place: Int, _ length: Int) -> Int? {
            guard place >= 0, place <= bytes.count - length else { return nil }
            return (0..<length).reduce(0) { number, index in
                number << 8 | Int(bytes[place + (isBigEndian ? index : length - 1 - index)])
            }
        }
    }
}
