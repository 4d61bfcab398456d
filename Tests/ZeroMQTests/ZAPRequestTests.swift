import Testing

@testable import ZeroMQ

@Suite("Questions to the authenticator")
struct ZAPRequestTests {
    static let domain = Array("test".utf8)
    static let frames: [[UInt8]] = [
        [0, 1], [], Array("1.0".utf8), [7], domain, Array("10.0.0.1".utf8), [], Array("CURVE".utf8),
        [UInt8](repeating: 3, count: 32),
    ]

    @Test("a proper request names the key and the address")
    func proper() throws {
        let request = try #require(ZAPRequest(Message(Self.frames)))
        let key = try #require(request.curveKey(domain: Self.domain))
        #expect(key.bytes == Self.frames[8])
        #expect(request.address == "10.0.0.1")
        let yes = request.reply(key).frames
        #expect(yes[4] == Array("200".utf8) && yes[6] == key.userID)
        let no = request.reply(nil).frames
        #expect(no[4] == Array("400".utf8) && no[6].isEmpty)
        for reply in [yes, no] { #expect(reply.count == 8 && reply[0] == [0, 1] && reply[3] == [7]) }
    }

    @Test("another version, domain, mechanism, length of key or number of frames is no key", arguments: 0..<7)
    func improper(change: Int) throws {
        var frames = Self.frames
        switch change {
        case 0: frames[2] = Array("2.0".utf8)
        case 1: frames[4] = Array("other".utf8)
        case 2: frames[4] = []
        case 3: frames[7] = Array("PLAIN".utf8)
        case 4: frames[8].removeLast()
        case 5: frames.append([1])
        default: frames.removeLast()
        }
        #expect(try #require(ZAPRequest(Message(frames))).curveKey(domain: Self.domain) == nil)
        #expect(ZAPRequest(Message(frames))?.curveKey(domain: []) == nil)
    }

    @Test("what is too short to be answered is dropped")
    func short() {
        for count in 0..<4 { #expect(ZAPRequest(Message(Array(Self.frames.prefix(count)))) == nil) }
    }
}
