/// The text form of keys: five printable characters for four bytes (ZeroMQ RFC 32).
enum Z85 {
    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)
    /// The value of each character, and 255 for bytes that are none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The text of bytes, whose count is a multiple of four.
    static func encode(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8] {
        precondition(bytes.count.isMultiple(of: 4), "Z85 encodes four bytes at a time")
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 4 * 5)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var word = bytes.dropFirst(start).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            var characters: [UInt8] = []
            for _ in 0..<5 {
                characters.append(alphabet[Int(word % 85)])
                word /= 85
            }
            text += characters.reversed()
        }
        return text
    }

    /// The bytes of a text; nil when it has another length, holds another character, or a group stands for more than four
    /// bytes can, so that each value has one text only.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 5) else { return nil }
        var bytes: [UInt8] = []
        var word: UInt64 = 0
        for (index, character) in text.enumerated() {
            let value = values[Int(character)]
            guard value < 85 else { return nil }
            word = word * 85 + UInt64(value)
            guard index % 5 == 4 else { continue }
            guard let word32 = UInt32(exactly: word) else { return nil }
            withUnsafeBytes(of: word32.bigEndian) { bytes += $0 }
            word = 0
        }
        return bytes
    }
}
