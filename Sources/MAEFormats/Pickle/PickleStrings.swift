import MAETensor

/// The texts of a pickle, by number.
///
/// A log or data set inside a checkpoint has millions of short texts that are never asked for. They stay where the pickle has
/// them, and are made strings one by one when somebody asks.
package struct PickleStrings: Sendable {
    /// Most bytes of a text that is made a string whenever it is asked for.
    ///
    /// Longer ones are made one once, so that asking costs no more for them, even for one that millions of dictionaries share.
    static let shortCount = 128

    private enum Text {
        case short(at: Int, count: UInt8)
        case string(Int)
    }

    private let pickle: ByteView
    private var texts: [Text] = []
    private var strings: [String] = []

    init(in pickle: ByteView) { self.pickle = pickle }

    /// How many texts there are.
    var count: Int { texts.count }

    /// Adds the text whose UTF-8 is at `range` of the pickle; false, with nothing added, when it is no UTF-8.
    mutating func append(at range: Range<Int>) -> Bool {
        guard let view = pickle.slice(at: range.lowerBound, count: range.count) else { return false }
        if let count = UInt8(exactly: range.count), count <= Self.shortCount, view.withUnsafeBytes(Self.isUTF8) {
            texts.append(.short(at: range.lowerBound, count: count))
            return true
        }
        guard let string = view.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else { return false }
        append(string)
        return true
    }

    /// Adds a text that the pickle does not have as it is, such as one that is written with escapes.
    mutating func append(_ string: String) {
        texts.append(.string(strings.count))
        strings.append(string)
    }

    /// The text with a number, which is the count of those added before it.
    subscript(number: Int) -> String {
        if case .string(let index) = texts[number] { return strings[index] }
        return withUTF8(of: number) { String(decoding: $0, as: UTF8.self) }
    }

    /// How many bytes of UTF-8 a text has.
    func byteCount(of number: Int) -> Int {
        switch texts[number] {
        case .short(_, let count): Int(count)
        case .string(let index): strings[index].utf8.count
        }
    }

    /// Calls `body` with the UTF-8 of a text; the pointer is valid only inside the call.
    func withUTF8<Result>(of number: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch texts[number] {
        case .short(let start, let count):
            guard let view = pickle.slice(at: start, count: Int(count)) else {
                preconditionFailure("a text that was added is in the pickle")
            }
            return view.withUnsafeBytes(body)
        case .string(let index):
            var string = strings[index]
            return string.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Whether a text is `string`, code unit by code unit.
    func isEqual(_ number: Int, _ string: String) -> Bool {
        byteCount(of: number) == string.utf8.count && withUTF8(of: number) { $0.elementsEqual(string.utf8) }
    }

    /// Whether two texts are equal, code unit by code unit.
    func areEqual(_ one: Int, _ other: Int) -> Bool {
        guard byteCount(of: one) == byteCount(of: other) else { return false }
        return withUTF8(of: one) { mine in withUTF8(of: other) { theirs in mine.elementsEqual(theirs) } }
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Nearly all texts are ASCII, which takes no string to see.
        bytes.reduce(0, |) < 0x80 || String(validating: bytes, as: UTF8.self) != nil
    }
}
