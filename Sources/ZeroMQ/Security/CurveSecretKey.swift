/// The secret half of a key pair: wiped from memory when the last reference goes, and never shown by accident.
///
/// ``z85`` is the one way to its text.
public final class CurveSecretKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    // Sendable: the memory is written by the initializer alone.
    private let memory: UnsafeMutableRawBufferPointer

    /// Takes the key over from `bytes`, which is wiped.
    init?(takingOver bytes: inout [UInt8]) {
        memory = .allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        bytes.withUnsafeMutableBytes(wipe)
        if memory.count != CurvePublicKey.length { return nil }
    }

    /// A key from the 40 characters of its Z85 text; nil when they are no such text.
    public convenience init?(z85 text: some Collection<UInt8>) {
        guard var bytes = Z85.decode(text) else { return nil }
        self.init(takingOver: &bytes)
    }

    deinit {
        wipe(memory)
        memory.deallocate()
    }

    /// Lets `body` read the 32 bytes, which must not outlive it.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(memory))
    }

    /// The 40 characters of the Z85 text, for a file that its owner alone may read.
    public var z85: [UInt8] { withBytes { Z85.encode($0) } }

    /// Says that there is a key, not which.
    public var description: String { "(secret key)" }

    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
