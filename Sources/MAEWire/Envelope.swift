import MAEContent
import MAEDomain

/// One message on the wire with what every message carries.
public struct Envelope: Sendable, Equatable {
    /// The version of the protocol that this code speaks.
    public static let version = 2

    /// The session that the coordinator gave in ``Welcome``; nil before it.
    public var session: UInt64?
    /// Which start of the worker is speaking or spoken to; nil when the coordinator answers a peer that it does not know.
    public var incarnation: UInt64?
    /// What is said.
    public var body: Body

    /// What a message says.
    public enum Body: Sendable, Equatable {
        case hello(Hello)
        case welcome(Welcome)
        indirect case job(JobRequest)
        case heartbeat(Heartbeat)
        case result(ShardResult)
        case accepted(Accepted)
        case cancel(Cancel)
        case reject(Reject)
        case goodbye(Goodbye)
        case manifestRequest(ManifestRequest)
        case manifest(Manifest)
        case chunkRequest(ChunkRequest)
        case chunk(Chunk)
    }

    /// A message of the given parts.
    public init(session: UInt64?, incarnation: UInt64?, _ body: Body) {
        self.session = session
        self.incarnation = incarnation
        self.body = body
    }
}
