import Testing

@testable import ZeroMQ

@Suite("Keys for CURVE")
struct CurveKeyTests {
    @Test("the example of ZeroMQ RFC 32")
    func example() {
        let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
        #expect(Z85.encode(bytes) == Array("HelloWorld".utf8))
        #expect(Z85.decode(Array("HelloWorld".utf8)) == bytes)
    }

    @Test("the test keys of libzmq's own manual belong together")
    func manual() throws {
        let secret = try #require(CurveSecretKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6".utf8))
        #expect(try CurveKeyPair(secretKey: secret).publicKey.description == "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7")
    }

    @Test("new pairs differ and belong together")
    func pairs() throws {
        let (first, second) = (try CurveKeyPair(), try CurveKeyPair())
        #expect(first.publicKey != second.publicKey)
        #expect(try CurveKeyPair(secretKey: first.secretKey).publicKey == first.publicKey)
        #expect(CurvePublicKey(z85: first.publicKey.userID) == first.publicKey)
        #expect(CurvePublicKey(z85: first.publicKey.description.utf8) == first.publicKey)
    }

    @Test(
        "what is no key is refused",
        arguments: [
            "", "rq:rM", String(repeating: "0", count: 39), String(repeating: "0", count: 41),
            String(repeating: "0", count: 80), String(repeating: "#", count: 40),
            String(repeating: "0", count: 39) + " ", String(repeating: "0", count: 39) + "\0",
            String(repeating: "ü", count: 20),
        ])
    func noKeys(text: String) {
        #expect(CurvePublicKey(z85: text.utf8) == nil)
        #expect(CurveSecretKey(z85: text.utf8) == nil)
    }

    @Test("a secret key is not shown by printing, interpolation or dump")
    func hidden() throws {
        let pair = try CurveKeyPair()
        let secret = String(decoding: pair.secretKey.z85, as: UTF8.self)
        var dumped = ""
        dump(pair, to: &dumped)
        dump(SocketOptions.Security.client(pair, serverKey: pair.publicKey), to: &dumped)
        for text in [dumped, "\(pair)", String(reflecting: pair), "\(pair.secretKey)"] {
            #expect(!text.contains(secret))
            #expect(!text.isEmpty)
        }
    }

    @Test("memory that held a secret is overwritten, and what it was taken from too")
    func wiped() {
        var bytes = [UInt8](repeating: 7, count: 32)
        _ = CurveSecretKey(takingOver: &bytes)
        #expect(bytes == [UInt8](repeating: 0, count: 32))
    }
}
