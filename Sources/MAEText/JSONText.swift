import Foundation

/// JSON as every command writes it: two spaces a level, keys sorted, `"key": value`, empty containers on one line.
public enum JSONText {
    /// Encodes `value`, without a line feed at the end.
    ///
    /// - Parameter snakeCase: whether names are turned from `lastSeen` into `last_seen`.
    public static func encode(_ value: some Encodable, snakeCase: Bool) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        if snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        return String(decoding: tidied([UInt8](try encoder.encode(value))), as: UTF8.self)
    }

    /// Takes away the space that Foundation writes in front of a colon, and the blank lines in empty containers.
    ///
    /// What is inside of strings stays as it is.
    private static func tidied(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: ":"): if result.last == UInt8(ascii: " ") { result.removeLast() }
                case UInt8(ascii: "]"), UInt8(ascii: "}"): closeIfEmpty(&result)
                default: break
                }
            }
            result.append(byte)
        }
        return result
    }

    /// Takes away what stands between an opening bracket and its closing one when that is only white space.
    private static func closeIfEmpty(_ text: inout [UInt8]) {
        guard let last = text.lastIndex(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }),
            text[last] == UInt8(ascii: "[") || text[last] == UInt8(ascii: "{")
        else { return }
        text.removeLast(text.count - last - 1)
    }
}
