extension NpyHeader {
    /// What is wrong with a header, and at which byte of the file.
    struct Malformed: Error, Equatable {
        var message: String
        var offset: Int
    }

    /// Reads the header at the start of `bytes`; also says where the elements begin.
    ///
    /// Versions 1.0, 2.0 and 3.0 of the format are read.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> (header: NpyHeader, dataOffset: Int) {
        guard bytes.count >= magic.count + 2, bytes.prefix(magic.count).elementsEqual(magic) else {
            throw Malformed(message: "does not begin as a .npy file does", offset: 0)
        }
        let version = bytes[magic.count]
        guard (1...3).contains(version), bytes[magic.count + 1] == 0 else {
            throw Malformed(
                message: "has the unknown format version \(version).\(bytes[magic.count + 1])", offset: magic.count)
        }
        let lengthWidth = version == 1 ? 2 : 4
        let start = magic.count + 2 + lengthWidth
        guard bytes.count >= start else { throw Malformed(message: "ends in its header", offset: bytes.count) }
        var length = 0
        for position in (0..<lengthWidth).reversed() { length = length << 8 | Int(bytes[magic.count + 2 + position]) }
        guard length <= maximumLength else {
            throw Malformed(message: "claims a header of \(length) bytes", offset: magic.count + 2)
        }
        guard length <= bytes.count - start else {
            throw Malformed(message: "ends in its header", offset: bytes.count)
        }
        var parser = DictionaryParser(bytes: Array(bytes[start..<start + length]), origin: start)
        return (try parser.header(), start + length)
    }
}

/// Reads the Python dictionary literal of a header, and nothing more of Python than one can hold.
private struct DictionaryParser {
    typealias Malformed = NpyHeader.Malformed

    let bytes: [UInt8]
    /// Offset of the first byte in the file.
    let origin: Int
    var position = 0

    mutating func header() throws(Malformed) -> NpyHeader {
        var descriptor: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        try expect("{")
        while !accept("}") {
            let keyPosition = position
            let key = try string()
            try expect(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try string()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
            case "shape" where shape == nil: shape = try tuple()
            default: throw Malformed(message: "has an unknown or repeated header key", offset: origin + keyPosition)
            }
            if !accept(",") {
                try expect("}")
                break
            }
        }
        skipSpace()
        guard position == bytes.count else { throw malformed("has something after its header's dictionary") }
        guard let descriptor, let isFortranOrder, let shape else {
            throw malformed("lacks descr, fortran_order or shape in its header")
        }
        return NpyHeader(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
    }

    private mutating func string() throws(Malformed) -> String {
        skipSpace()
        guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw malformed("has no string where its header needs one (structured arrays are not read)")
        }
        position += 1
        guard let end = bytes[position...].firstIndex(of: quote) else { throw malformed("has an endless string") }
        let content = bytes[position..<end]
        guard content.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            throw malformed("has a header string that is not plain text")
        }
        position = end + 1
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func boolean() throws(Malformed) -> Bool {
        if accept("True") { return true }
        try expect("False")
        return false
    }

    private mutating func tuple() throws(Malformed) -> [Int] {
        var extents: [Int] = []
        try expect("(")
        while !accept(")") {
            guard extents.count < NpyHeader.maximumRank else { throw malformed("has too many dimensions") }
            extents.append(try integer())
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return extents
    }

    private mutating func integer() throws(Malformed) -> Int {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw malformed("has no extent where its header needs one")
        }
        position += digits.count
        // Python 2 marked its long integers.
        _ = accept("L")
        return value
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D { position += 1 }
    }

    private mutating func accept(_ token: StaticString) -> Bool {
        skipSpace()
        let expected = UnsafeBufferPointer(start: token.utf8Start, count: token.utf8CodeUnitCount)
        guard bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    private mutating func expect(_ token: StaticString) throws(Malformed) {
        guard accept(token) else { throw malformed("lacks \(token) in its header") }
    }

    private func malformed(_ message: String) -> Malformed { Malformed(message: message, offset: origin + position) }
}
