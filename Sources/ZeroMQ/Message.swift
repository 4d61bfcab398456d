/// A message: one or more frames of bytes that arrive together or not at all.
public struct Message: Sendable, Equatable {
    /// The frames in order; on a ROUTER the first names the peer.
    public var frames: [[UInt8]]
    /// Who sent it, as the authenticator named its key (``CurvePublicKey/userID``); empty where no keys are used.
    ///
    /// The one thing about a sender that it cannot choose: a ROUTER's first frame is whatever the peer asked to be called.
    public var userID: [UInt8]

    /// A message of the given frames.
    public init(_ frames: [[UInt8]], userID: [UInt8] = []) {
        self.frames = frames
        self.userID = userID
    }
}
