/// A strict JSON reader with limits, for text that somebody else wrote.
///
/// Unlike most readers it refuses duplicate keys, counts values and nesting against ``Limits``, and names the byte where
/// the text goes wrong. On request it takes the `NaN` and `Infinity` that Python's `json` writes.
package struct JSONReader {
    /// What a text may ask of the reader.
    package struct Limits {
        /// Deepest nesting of arrays and objects.
        var depth: Int
        /// Most values in the whole text.
        var values: Int
        /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes and reads them.
        var allowsNonFiniteNumbers: Bool

        /// The usual limits, but for those that are given.
        package init(depth: Int = 32, values: Int = 1 << 20, allowsNonFiniteNumbers: Bool = false) {
            self.depth = depth
            self.values = values
            self.allowsNonFiniteNumbers = allowsNonFiniteNumbers
        }
    }

    /// Where and why a text is no JSON.
    package struct Problem: Error {
        package let offset: Int
        package let message: String
    }

    private let text: UnsafeRawBufferPointer
    private let limits: Limits
    private var position = 0
    private var valueCount = 0

    private init(_ text: UnsafeRawBufferPointer, _ limits: Limits) {
        self.text = text
        self.limits = limits
    }

    /// Reads the one value that `text` holds.
    package static func read(_ text: UnsafeRawBufferPointer, limits: Limits = Limits()) throws(Problem) -> JSONValue {
        var reader = JSONReader(text, limits)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == text.count else { throw reader.problem("text after the end of the JSON value") }
        return value
    }

    private func problem(_ message: String) -> Problem { Problem(offset: position, message: message) }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        guard next == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let wanted = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text.count - position >= wanted.count,
            text[position..<position + wanted.count].elementsEqual(wanted)
        else { return false }
        position += wanted.count
        return true
    }

    private mutating func value(depth: Int) throws(Problem) -> JSONValue {
        skipSpace()
        valueCount += 1
        guard valueCount <= limits.values else { throw problem("more than \(limits.values) values") }
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
        case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
        case UInt8(ascii: "n") where take(word: "null"): return .null
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        case UInt8(ascii: "N") where limits.allowsNonFiniteNumbers && take(word: "NaN"): return .number(.nan)
        case UInt8(ascii: "I") where limits.allowsNonFiniteNumbers && take(word: "Infinity"): return .number(.infinity)
        case nil: throw problem("the text ends where a value is needed")
        default: throw problem("no JSON value starts here")
        }
    }

    private func checkDepth(_ depth: Int) throws(Problem) {
        guard depth <= limits.depth else { throw problem("nesting deeper than \(limits.depth)") }
    }

    private mutating func elements(depth: Int) throws(Problem) -> [JSONValue] {
        try checkDepth(depth)
        position += 1
        skipSpace()
        if take("]") { return [] }
        var elements: [JSONValue] = []
        repeat {
            elements.append(try value(depth: depth))
            skipSpace()
        } while take(",")
        guard take("]") else { throw problem("expected ',' or ']'") }
        return elements
    }

    private mutating func members(depth: Int) throws(Problem) -> [JSONMember] {
        try checkDepth(depth)
        position += 1
        skipSpace()
        if take("}") { return [] }
        var members: [JSONMember] = []
        var keys: Set<[UInt8]> = []
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw problem("expected a key in quotes") }
            let start = position
            let key = try string()
            guard keys.insert(Array(key.utf8)).inserted else {
                throw Problem(offset: start, message: "the key '\(key)' comes twice in one object")
            }
            skipSpace()
            guard take(":") else { throw problem("expected ':' after a key") }
            members.append(JSONMember(key: key, value: try value(depth: depth)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw problem("expected ',' or '}'") }
        return members
    }
}

// MARK: Numbers and strings

extension JSONReader {
    private mutating func number() throws(Problem) -> JSONValue {
        let start = position
        _ = take("-")
        if limits.allowsNonFiniteNumbers, take(word: "Infinity") { return .number(-.infinity) }
        let leadsWithZero = next == UInt8(ascii: "0")
        let whole = takeDigits()
        guard whole > 0, !leadsWithZero || whole == 1 else { throw problem("a number that JSON does not know") }
        var isInteger = true
        if take(".") {
            isInteger = false
            guard takeDigits() > 0 else { throw problem("a number without digits after its point") }
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            guard takeDigits() > 0 else { throw problem("a number without digits in its exponent") }
        }
        let digits = String(decoding: text[start..<position], as: UTF8.self)
        if isInteger, let value = Int(digits) { return .integer(value) }
        guard let value = Double(digits) else { throw problem("a number that cannot be read") }
        return .number(value)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func takeDigits() -> Int {
        let start = position
        while let byte = next, Self.isDigit(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(Problem) -> String {
        let start = position
        position += 1
        var bytes: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw problem("a control character inside a string") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: String(try escapedCharacter()).utf8)
            } else {
                bytes.append(byte)
            }
        }
        guard take("\"") else { throw problem("a string without its closing quote") }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw Problem(offset: start, message: "a string that is not UTF-8")
        }
        return string
    }

    private mutating func escapedCharacter() throws(Problem) -> Unicode.Scalar {
        guard let byte = next else { throw problem("a string without its closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw problem("an escape that JSON does not know")
        }
        let unit = try hexadecimalUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
            throw problem("half of a surrogate pair")
        }
        let low = try hexadecimalUnit()
        let code = 0x10000 + (unit - 0xD800) << 10 + (low &- 0xDC00)
        guard (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(code) else {
            throw problem("half of a surrogate pair")
        }
        return scalar
    }

    private mutating func hexadecimalUnit() throws(Problem) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("an escape without its four hexadecimal digits")
            }
            position += 1
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
