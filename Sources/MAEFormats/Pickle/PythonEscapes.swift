/// The escapes of protocol 0, which writes strings as text.
enum PythonEscapes {
    /// The bytes of a quoted `repr` of Python 2.
    static func unquoted(_ line: [UInt8], at cursor: PickleCursor) throws(CheckpointError) -> [UInt8] {
        guard line.count >= 2, let quote = line.first, quote == line.last,
            quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else { throw cursor.malformed("A string is not in quotes.") }
        var bytes: [UInt8] = []
        var rest = line.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let escape = rest.popFirst() else { throw cursor.malformed("A string ends in a backslash.") }
            switch escape {
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(escape)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "a"): bytes.append(0x07)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "v"): bytes.append(0x0B)
            case UInt8(ascii: "x"): bytes.append(UInt8(try hexadecimal(&rest, digits: 2, at: cursor)))
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                var value = Int(escape - UInt8(ascii: "0"))
                for _ in 0..<2 {
                    guard let next = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(next) else { break }
                    value = value * 8 + Int(next - UInt8(ascii: "0"))
                    rest.removeFirst()
                }
                bytes.append(UInt8(truncatingIfNeeded: value))
            default: bytes += [byte, escape]
            }
        }
        return bytes
    }

    /// The UTF-8 of a line in Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`.
    static func rawUnicode(_ line: [UInt8], at cursor: PickleCursor) throws(CheckpointError) -> [UInt8] {
        var scalars = String.UnicodeScalarView()
        var rest = line[...]
        while let byte = rest.popFirst() {
            var value = UInt32(byte)
            if byte == UInt8(ascii: "\\"), let kind = rest.first, kind == UInt8(ascii: "u") || kind == UInt8(ascii: "U")
            {
                rest.removeFirst()
                value = try hexadecimal(&rest, digits: kind == UInt8(ascii: "u") ? 4 : 8, at: cursor)
            }
            guard let scalar = Unicode.Scalar(value) else {
                throw cursor.malformed("U+\(String(value, radix: 16)) is no character.")
            }
            scalars.append(scalar)
        }
        return Array(String(scalars).utf8)
    }

    private static func hexadecimal(
        _ rest: inout ArraySlice<UInt8>, digits: Int, at cursor: PickleCursor
    ) throws(CheckpointError) -> UInt32 {
        let text = String(decoding: rest.prefix(digits), as: UTF8.self)
        guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
            throw cursor.malformed("'\(text)' are no \(digits) hexadecimal digits.")
        }
        rest = rest.dropFirst(digits)
        return value
    }
}
