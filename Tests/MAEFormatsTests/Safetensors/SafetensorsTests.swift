import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Safetensors files")
struct SafetensorsTests {
    /// A file of a header and data, the length in front counted unless told otherwise.
    static func bytes(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let length = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
        return length + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    /// A header of one fp32 tensor with the given parts.
    static func header(dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]") -> String {
        "{\"a\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    }

    static func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
        let folder = try TemporaryDirectory()
        return try SafetensorsFile.open(folder.write("model.safetensors", bytes))
    }

    @Test("a whole file is read, with its metadata and an empty tensor")
    func readsAWholeFile() throws {
        let header = """
            {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
            "e":{"dtype":"I64","shape":[0,3],"data_offsets":[8,8]},"s":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}
            """
        let file = try Self.open(Self.bytes(header + "  ", data: 10))
        #expect(file.metadata == ["format": "pt"])
        #expect(file.entries.map(\.name) == ["b", "e", "s"])
        #expect(file.entries.map(\.tensor.shape) == [[2], [0, 3], []])
        #expect(try file.entries[0].tensor.tensor().elements == [0, 0])
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        let says: String
        var testDescription: String { what }
    }

    static let broken: [Broken] = [
        Broken(what: "no bytes", bytes: [], says: "0 bytes"),
        Broken(what: "seven bytes", bytes: [1, 0, 0, 0, 0, 0, 0], says: "7 bytes"),
        Broken(what: "a header over the cap", bytes: bytes("{}", length: 100_000_001), says: "100000001"),
        Broken(what: "a length of 2^64 - 1", bytes: bytes("{}", length: .max), says: "18446744073709551615"),
        Broken(what: "a header past the end", bytes: bytes("{}", length: 3), says: "cut off"),
        Broken(what: "an empty header", bytes: bytes(""), says: "no JSON"),
        Broken(what: "no object", bytes: bytes("[1]"), says: "no JSON object"),
        Broken(what: "no JSON", bytes: bytes("{\"a\""), says: "':'"),
        Broken(what: "text after the object", bytes: bytes("{} {}"), says: "after the end"),
        Broken(what: "no UTF-8", bytes: [6, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x7D], says: "UTF-8"),
        Broken(what: "half a surrogate pair", bytes: bytes("{\"\\ud800\":1}"), says: "surrogate"),
        Broken(what: "duplicate keys", bytes: bytes("{\"a\":1,\"a\":2}"), says: "twice"),
        Broken(what: "duplicate keys in other spellings", bytes: bytes("{\"a\":1,\"\\u0061\":2}"), says: "twice"),
        Broken(
            what: "deep nesting", bytes: bytes(String(repeating: "[", count: 100_000)), says: "nesting deeper"),
        Broken(
            what: "a header of too many values", bytes: bytes("[" + String(repeating: "0,", count: 1_100_000) + "0]"),
            says: "more than"),
        Broken(what: "an unknown dtype", bytes: bytes(header(dtype: "\"F8_E4M3\""), data: 8), says: "F8_E4M3"),
        Broken(what: "no dtype", bytes: bytes(header(dtype: "3"), data: 8), says: "no dtype"),
        Broken(what: "a negative extent", bytes: bytes(header(shape: "[-2]"), data: 8), says: "integers"),
        Broken(what: "an extent with a fraction", bytes: bytes(header(shape: "[2.0]"), data: 8), says: "integers"),
        Broken(
            what: "a product over 64 bits",
            bytes: bytes(header(shape: "[4294967296,4294967296,4294967296]"), data: 8), says: "no element count"),
        Broken(
            what: "a size over 64 bits", bytes: bytes(header(shape: "[4611686018427387904]"), data: 8), says: "more"),
        Broken(what: "bytes that don't fit the shape", bytes: bytes(header(shape: "[3]"), data: 8), says: "needs 12"),
        Broken(what: "an end before the start", bytes: bytes(header(offsets: "[8,0]"), data: 8), says: "8..<0"),
        Broken(what: "an end past the file", bytes: bytes(header(offsets: "[0,8]"), data: 7), says: "of 7"),
        Broken(what: "a negative start", bytes: bytes(header(offsets: "[-8,0]"), data: 8), says: "-8..<0"),
        Broken(what: "three offsets", bytes: bytes(header(offsets: "[0,8,8]"), data: 8), says: "data_offsets"),
        Broken(
            what: "an offset over 64 bits", bytes: bytes(header(offsets: "[0,18446744073709551624]"), data: 8),
            says: "data_offsets"),
        Broken(what: "trailing data", bytes: bytes(header(), data: 12), says: "4 bytes after"),
        Broken(what: "a hole", bytes: bytes(two(second: "[12,20]"), data: 20), says: "8..<12"),
        Broken(what: "an overlap", bytes: bytes(two(second: "[4,12]"), data: 12), says: "overlaps"),
        Broken(
            what: "metadata of numbers", bytes: bytes("{\"__metadata__\":{\"format\":1}}"), says: "no string"),
    ]

    private static func two(second: String) -> String {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":\(second)}}"
    }

    @Test("a broken file is refused, saying what is wrong", arguments: broken)
    func refusesABrokenFile(broken: Broken) throws {
        let error = #expect(throws: CheckpointError.self) { try Self.open(broken.bytes) }
        #expect(error?.description.contains(broken.says) == true, "\(String(describing: error))")
        #expect(error?.path.hasSuffix("model.safetensors") == true)
    }

    @Test("a file cut off anywhere is refused")
    func refusesACutFile() throws {
        let whole = try Goldens.bytes("checkpoints/state.safetensors")
        let folder = try TemporaryDirectory()
        for count in stride(from: 0, to: whole.count, by: 97) {
            let path = try folder.write("cut.safetensors", whole.prefix(count))
            #expect(throws: CheckpointError.self) { try SafetensorsFile.open(path) }
        }
    }

    @Test("what is written is read again, and lies at a multiple of 64 bytes")
    func readsWhatItWrote() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("out.safetensors")
        let one = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6])
        let other = Tensor(shape: [0], elements: [])
        try SafetensorsWriter.write([("x\"é", one), ("y", other)], metadata: ["format": "pt"], to: path)
        let file = try SafetensorsFile.open(path)
        #expect(file.entries.map(\.name) == ["x\"é", "y"])
        #expect(try file.entries[0].tensor.tensor().hasSameBits(as: one))
        #expect(file.entries[0].tensor.byteOffset % 64 == 0)
    }
}
