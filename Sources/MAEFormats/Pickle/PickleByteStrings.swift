/// The byte strings of a pickle, by number.
///
/// A log of numpy's scalars has millions of a few bytes each. They stand in one array, and only long ones take a block of
/// memory of their own.
package struct PickleByteStrings: Sendable {
    /// Most bytes of a string that stands among others: an array that grows is copied.
    private static let shortCount = 64

    private enum Place {
        case short(at: Int, count: UInt8)
        case long(Int)
    }

    private var places: [Place] = []
    private var short: [UInt8] = []
    private var long: [[UInt8]] = []

    /// How many byte strings there are.
    var count: Int { places.count }

    /// Adds a byte string, whose number is the count of those before.
    mutating func append(_ bytes: [UInt8]) {
        if let count = UInt8(exactly: bytes.count), count <= Self.shortCount {
            places.append(.short(at: short.count, count: count))
            short += bytes
        } else {
            places.append(.long(long.count))
            long.append(bytes)
        }
    }

    /// Adds the bytes that a text has in Latin-1, given its valid UTF-8; false, with nothing added, when it has other
    /// characters.
    mutating func append(latin1OfUTF8 text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= Self.shortCount else {
            var bytes: [UInt8] = []
            guard Self.decode(text, into: &bytes) else { return false }
            append(bytes)
            return true
        }
        let start = short.count
        guard Self.decode(text, into: &short) else {
            short.removeLast(short.count - start)
            return false
        }
        places.append(.short(at: start, count: UInt8(short.count - start)))
        return true
    }

    /// The byte string with a number, which is the count of those added before it.
    subscript(number: Int) -> [UInt8] {
        switch places[number] {
        case .short(let start, let count): Array(short[start..<start + Int(count)])
        case .long(let index): long[index]
        }
    }

    /// How many bytes a byte string has.
    func byteCount(of number: Int) -> Int {
        switch places[number] {
        case .short(_, let count): Int(count)
        case .long(let index): long[index].count
        }
    }

    /// The little-endian number that the bytes of a string are, the missing ones 0; nil for more than eight bytes.
    func littleEndian(_ number: Int) -> UInt64? {
        guard case .short(let start, let count) = places[number], count <= 8 else { return nil }
        return short[start..<start + Int(count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Appends the characters of `text`; false when one is beyond Latin-1, with some of them appended.
    private static func decode(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
        var lead: UInt8 = 0
        for unit in text {
            switch unit {
            case 0..<0x80: bytes.append(unit)
            // U+0080 to U+00FF are two bytes, of which the first is C2 or C3: it holds the two highest bits.
            case 0xC2, 0xC3: lead = unit << 6
            case 0x80..<0xC0: bytes.append(lead | unit & 0x3F)
            default: return false
            }
        }
        return true
    }
}
