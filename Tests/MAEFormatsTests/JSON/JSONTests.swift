import Testing

@testable import MAEFormats

@Suite("JSON")
struct JSONTests {
    private func read(_ text: String, nonFinite: Bool = false) throws -> JSONValue {
        var limits = JSONReader.Limits()
        limits.allowsNonFiniteNumbers = nonFinite
        return try Array(text.utf8).withUnsafeBytes { try JSONReader.read($0, limits: limits) }
    }

    @Test("values of every kind are read and written again")
    func roundTrips() throws {
        let text = #"{"a":[1,-2,0.5,1e-12,true,false,null],"b":{"é\n\"\\":"😀\u0001"},"c":[],"d":{}}"#
        let value = try read(text)
        #expect(try read(value.compactText) == value)
        #expect(try read(value.indentedText) == value)
        #expect(value["a"]?.array?[3].double == 1e-12)
        #expect(try read(#""\ud83d\ude00\/""#).string == "😀/")
    }

    @Test("an integer stays one up to 64 bits, and becomes a number beyond")
    func keepsIntegers() throws {
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("9223372036854775808").int == nil)
        #expect(try read("1.0").int == nil)
    }

    @Test(
        "what JSON does not know is refused",
        arguments: [
            "", " ", "01", "1.", ".5", "+1", "1e", "0x1", "tru", "nul", "'a'", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]",
            "\"\u{1}\"",
            "\"\\x\"", "\"\\u12g4\"", "\"", "\"\\", "NaN", "Infinity", "-Infinity", "\"\\udc00\"", "{\"a\":1}x",
        ])
    func refuses(text: String) {
        #expect(throws: JSONReader.Problem.self) { try read(text) }
    }

    @Test("the numbers of Python's json are read where they are asked for")
    func readsPythonNumbers() throws {
        #expect(try read("NaN", nonFinite: true).double?.isNaN == true)
        #expect(try read("[-Infinity,Infinity]", nonFinite: true).array?.map(\.double) == [-.infinity, .infinity])
    }
}
