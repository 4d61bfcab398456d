import MAECluster
import MAEDomain
import MAEKeys
import MAETensor
import MAEVerify
import MAEWire
import ZeroMQ

/// How a coordinator listens and works.
public struct CoordinatorOptions: Sendable {
    /// The endpoint to listen at; a `*` for the port lets the system choose one.
    public var endpoint: String
    /// The coordinator's keys and those of the nodes that may take part; nil listens without keys, where that is allowed.
    public var keys: KeyFolder?
    /// Nodes that may take part in this run only, in addition to those of ``keys``, each with its public key.
    public var extraKeys: [NodeID: CurvePublicKey] = [:]
    /// A file to write the endpoint with its real port to, for those who start workers.
    public var endpointFile: String?
    /// The host that the file names in place of the address listened at: the name by which other machines reach this one.
    public var advertisedHost: String?
    /// When the run ends, whatever is missing then.
    public var timeout: Duration
    /// The times and limits to work by.
    public var policy = ClusterPolicy()
    /// The noise that every batch uses, (batch size, patches), where the plan's noise policy is `file`.
    public var noise: Tensor?
    /// The files that workers may fetch; those of the plan that are not among them are only compared.
    public var content = ContentOffer()
    /// Bytes that one connection may have sent without our having had whole messages of them, in addition to the results that
    /// it was asked for: two of the largest headers.
    public var pendingBytes = 2 * WireLimits.headerBytes
    /// The same of all connections together.
    public var pendingBytesInAll = 128 << 20
    /// Memory that may be held for such bytes, which can be many times as much.
    public var heldBytes = 128 << 20
    /// What may wait for the disk; while more does, workers are not listened to.
    public var storeLimits = StoreLimits()
    /// How often the figures of the run are handed out.
    public var metricsInterval: Duration = .seconds(5)
    /// How long to wait, at the end of a run, for workers to answer their Goodbye.
    public var goodbyeLimit: Duration = .seconds(2)
    /// How often to ask for more when nodes or methods disagree.
    public var followUpRounds = FollowUp.rounds

    /// Listens at `endpoint` for at most `timeout`.
    public init(endpoint: String, timeout: Duration) {
        self.endpoint = endpoint
        self.timeout = timeout
    }
}
