/// Bytes that are sent without being copied: they stay valid and unchanged as long as the object lives.
public protocol SharedBytes: AnyObject, Sendable {
    /// The bytes.
    var bytes: UnsafeRawBufferPointer { get }
}
