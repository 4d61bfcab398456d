/// A question of libzmq to the authenticator, whether a client may connect (ZeroMQ RFC 27, version 1.0).
struct ZAPRequest {
    /// Frames of a request as a ROUTER gets it, of which the last is the credential of CURVE; other mechanisms have fewer
    /// or more, and are refused.
    private static let frames = 9
    /// Most frames that are looked at.
    static let maximumFrames = 16
    private static let version = Array("1.0".utf8)

    private let message: Message
    private let hasCurveFrames: Bool

    /// A request that can be answered; nil when it is not known what the answer would belong to.
    init?(_ message: Message) {
        guard message.frames.count >= 4, message.frames[1].isEmpty else { return nil }
        self.message = message
        hasCurveFrames = message.frames.count == Self.frames
    }

    /// The client's network address.
    var address: String { hasCurveFrames ? String(decoding: message.frames[5], as: UTF8.self) : "" }

    /// The key that the client has; nil when anything about the request is not as it must be.
    func curveKey(domain: [UInt8]) -> CurvePublicKey? {
        guard hasCurveFrames, message.frames[2] == Self.version, !domain.isEmpty, message.frames[4] == domain,
            message.frames[7] == Array("CURVE".utf8)
        else { return nil }
        return CurvePublicKey(bytes: message.frames[8])
    }

    /// The answer: 200 with the key's text as the user's name, or 400.
    ///
    /// Never 300: libzmq 4.3.4 then leaves the client hanging in silence.
    func reply(_ admitted: CurvePublicKey?) -> Message {
        let (status, text) = admitted == nil ? ("400", "No") : ("200", "OK")
        return Message([
            message.frames[0], [], Self.version, message.frames[3], Array(status.utf8), Array(text.utf8),
            admitted?.userID ?? [], [],
        ])
    }
}
