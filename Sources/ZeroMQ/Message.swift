/// A message: one or more frames of bytes that arrive together or not at all.
public struct Message: Sendable, Equatable {
    /// The frames in order; on a ROUTER the first names the peer.
    public var frames: [[UInt8]]

    /// A message of the given frames.
    public init(_ frames: [[UInt8]]) {
        self.frames = frames
    }
}
