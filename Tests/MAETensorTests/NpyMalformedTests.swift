import MAETensor
import TestSupport
import Testing

@Suite("Malformed .npy files")
struct NpyMalformedTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func read(_ bytes: [UInt8]) throws -> Tensor { try Tensor(npy: directory.write("array.npy", bytes)) }

    /// A version 1.0 file with the given dictionary.
    private func file(_ dictionary: String, data: Int = 8) -> [UInt8] {
        let text = Array((dictionary + "\n").utf8)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
            + [UInt8](repeating: 0, count: data)
    }

    private func expectMalformed(_ bytes: [UInt8], _ comment: Comment? = nil) {
        #expect(comment) { try read(bytes) } throws: { ($0 as? TensorError)?.code == .malformedFile }
    }

    @Test("a file cut short at any byte, or appended to, is refused")
    func truncation() throws {
        let whole = try Goldens.bytes("npy/float32-2x3x4.npy")
        for count in whole.indices { expectMalformed(Array(whole[..<count]), "cut to \(count) bytes") }
        expectMalformed(whole + [0])
        #expect(try read(whole).count == 24)
    }

    @Test("no single damaged header byte crashes the reader")
    func damage() throws {
        let whole = try Goldens.bytes("npy/float32-5.npy")
        for position in 0..<128 {
            for value: UInt8 in [0, 0x20, 0x27, 0x28, 0x29, 0x2C, 0x39, 0x7B, 0x7D, 0x80, 0xFF] {
                var bytes = whole
                bytes[position] = value
                do {
                    #expect(try read(bytes).count == 5)
                } catch {
                    #expect(error is TensorError)
                }
            }
        }
    }

    @Test("a header length beyond the limit or the file is refused", arguments: [UInt8(2), 3])
    func headerLength(version: UInt8) {
        let start = [0x93] + Array("NUMPY".utf8) + [version, 0]
        for length: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0x10, 0, 0, 0], [0, 0, 1, 0]] {
            expectMalformed(start + length + Array("{}".utf8))
        }
    }

    @Test(
        "dictionaries that are no header are refused",
        arguments: [
            "", "{", "{}", "None", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } tail",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'descr': '<f4'}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
            "{'descr': 4, 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2 1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        ])
    func dictionaries(dictionary: String) { expectMalformed(file(dictionary)) }

    @Test(
        "shapes whose size overflows or differs from the data are refused",
        arguments: [
            "(3,)", "(1,)", "()", "(0,)", "(9223372036854775807,)", "(4611686018427387904,)",
            "(4294967296, 4294967296)", "(4294967296, 4294967296, 0, 2)", "(1000000000000,)",
        ])
    func sizes(shape: String) { expectMalformed(file("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape)}")) }

    @Test("65 dimensions are refused")
    func dimensions() {
        let shape = String(repeating: "1,", count: 64)
        expectMalformed(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,\(shape))}"))
    }

    @Test("unusual but legal headers are read: double quotes, other order, long integers, unaligned data")
    func legal() throws {
        let odd = try read(file("{\"shape\":(1L,2L),\"fortran_order\":False,\"descr\":\"<f4\"}"))
        #expect(odd.shape == [1, 2])
        for padding in 0..<8 {
            let dictionary =
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}" + String(repeating: " ", count: padding)
            #expect(try read(file(dictionary)).elements == [0, 0])
        }
    }

    @Test("an error says the file, the byte and the remedy")
    func message() throws {
        let error = try #require(throws: TensorError.self) { try read(file("{'descr': '<f4', ")) }
        #expect(error.path == directory.file("array.npy"))
        #expect(error.message.contains("byte 28"))
        #expect(error.message.contains("numpy.save"))
    }
}
