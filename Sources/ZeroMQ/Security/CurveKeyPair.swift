import CZeroMQ

/// A key pair for CURVE.
public struct CurveKeyPair: Sendable {
    /// The half that others know.
    public let publicKey: CurvePublicKey
    /// The half that only its owner knows.
    public let secretKey: CurveSecretKey

    /// A new pair, drawn by libzmq from the system's source of randomness.
    ///
    /// Throws ``ZeroMQError`` with ``ZeroMQError/Code/unsupported`` when libzmq was built without CURVE.
    public init() throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: Self.textCapacity)
        var secretText = publicText
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw Self.unsupported(.curveKeypair) }
        defer { secretText.withUnsafeMutableBytes(wipe) }
        guard var bytes = Z85.decode(Self.characters(secretText)), let secret = CurveSecretKey(takingOver: &bytes),
            let key = Z85.decode(Self.characters(publicText)).flatMap(CurvePublicKey.init(bytes:))
        else { throw Self.unsupported(.curveKeypair) }
        publicKey = key
        secretKey = secret
    }

    /// The pair that a secret key belongs to.
    ///
    /// Throws as ``init()``.
    public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: Self.textCapacity)
        var secretText = secretKey.z85.map(CChar.init(bitPattern:)) + [0]
        defer { secretText.withUnsafeMutableBytes(wipe) }
        guard zmq_curve_public(&publicText, secretText) == 0,
            let key = Z85.decode(Self.characters(publicText)).flatMap(CurvePublicKey.init(bytes:))
        else { throw Self.unsupported(.curvePublic) }
        publicKey = key
        self.secretKey = secretKey
    }

    /// 40 characters and the NUL behind them.
    private static let textCapacity = 41

    private static func characters(_ text: [CChar]) -> [UInt8] { text.dropLast().map(UInt8.init(bitPattern:)) }

    private static func unsupported(_ operation: Operation) -> ZeroMQError {
        ZeroMQError(.unsupported, operation: operation, "this libzmq was built without CURVE; install Debian's libzmq5")
    }
}
