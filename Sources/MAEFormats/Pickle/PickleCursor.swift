/// Reads the arguments of opcodes, with bounds and frames checked.
struct PickleCursor {
    /// The bytes that the pickle is among.
    let bytes: ByteView
    private let file: CheckpointLocation
    /// Offset of the opcode that is being carried out, for messages.
    private(set) var opcodeOffset = 0
    /// Offset of the next byte.
    private(set) var offset: Int
    private var frameEnd: Int?

    init(_ bytes: ByteView, from offset: Int, file: CheckpointLocation) {
        self.bytes = bytes
        self.file = file
        self.offset = offset
    }

    /// The place of the opcode that is being carried out.
    var location: CheckpointLocation {
        let byte = "byte \(opcodeOffset)"
        return CheckpointLocation(path: file.path, place: file.place.map { "\($0), \(byte)" } ?? byte)
    }

    /// An error at the opcode that is being carried out.
    func malformed(_ message: String) -> CheckpointError {
        CheckpointError(.malformedFile, at: location, message + " The file is damaged; fetch or save it again.")
    }

    /// The next opcode.
    mutating func opcode() throws(CheckpointError) -> PickleOpcode {
        opcodeOffset = offset
        let code: UInt8 = try number()
        guard let opcode = PickleOpcode(rawValue: code) else {
            throw malformed("0x\(String(code, radix: 16)) is no opcode of pickle.")
        }
        return opcode
    }

    /// A little-endian number.
    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>() throws(CheckpointError) -> Number {
        let start = try advance(by: MemoryLayout<Number>.size)
        guard let value = bytes.load(at: start, as: Number.self) else { throw truncated() }
        return value
    }

    /// A length that may not be negative and must fit an `Int`.
    mutating func length<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type
    ) throws(CheckpointError) -> Int {
        let value: Number = try number()
        guard let length = Int(exactly: value), length >= 0 else { throw malformed("A length of \(value).") }
        return length
    }

    /// Where the next `count` bytes are.
    mutating func range(_ count: Int) throws(CheckpointError) -> Range<Int> {
        let start = try advance(by: count)
        return start..<start + count
    }

    /// The next `count` bytes.
    mutating func view(_ count: Int) throws(CheckpointError) -> ByteView {
        let start = try advance(by: count)
        guard let view = bytes.slice(at: start, count: count) else { throw truncated() }
        return view
    }

    /// The bytes up to the next newline, without it.
    mutating func line() throws(CheckpointError) -> ByteView {
        guard let newline = bytes.firstIndex(of: UInt8(ascii: "\n"), from: offset) else { throw truncated() }
        let line = try view(newline - offset)
        _ = try advance(by: 1)
        return line
    }

    /// Begins a frame of `length` bytes: no argument may lie across its end.
    mutating func beginFrame(_ length: Int) throws(CheckpointError) {
        guard frameEnd.map({ offset >= $0 }) ?? true else { throw malformed("A frame begins inside another one.") }
        guard length <= bytes.count - offset else { throw truncated() }
        frameEnd = offset + length
    }

    private mutating func advance(by count: Int) throws(CheckpointError) -> Int {
        guard count <= bytes.count - offset else { throw truncated() }
        if let frameEnd, offset < frameEnd, count > frameEnd - offset {
            throw malformed("The end of a frame lies inside an argument.")
        }
        defer { offset += count }
        return offset
    }

    private func truncated() -> CheckpointError {
        malformed("The pickle ends at byte \(bytes.count), before its STOP or inside an argument.")
    }
}
