import MAECoordinator
import MAEKeys
import ZeroMQ

/// How a run is carried out: everything about it that its plan does not keep.
public struct VerificationOptions: Sendable {
    /// The keys of a run.
    public struct Keys: Sendable {
        /// The folder that they are in.
        public let folder: KeyFolder
        /// Whether they are used at an endpoint that only this machine reaches, too.
        public let isRequired: Bool

        /// Keys in a folder.
        public init(_ folder: KeyFolder, isRequired: Bool) {
            self.folder = folder
            self.isRequired = isRequired
        }

        /// The keys for an endpoint; nil when none are asked for and none are needed, or none were ever made.
        func folder(for endpoint: String) -> KeyFolder? {
            isRequired || !Endpoint.isLocal(endpoint) && folder.exists ? folder : nil
        }
    }

    /// The endpoint to listen at; nil is a socket file that local workers alone reach.
    public var endpoint: String?
    /// Whether workers that are told of no endpoint find this one.
    public var isDefaultEndpoint = false
    /// The keys that there may be.
    public var keys: Keys
    /// When the computing of results ends, whatever is missing then.
    public var timeout: Duration
    /// A file to write the endpoint with its real port to.
    public var endpointFile: String?
    /// The name by which other machines reach this one; nil where it is the host's.
    public var advertisedHost: String?
    /// Options for each `mae-worker` to start on this machine; nil starts none.
    public var localWorkers: [[String]]?
    /// Names of the nodes that are expected; empty when they are not known.
    public var expectedNodes: [String] = []
    /// Whether workers are taken to have the files that this machine cannot read.
    public var filesOnWorkers = false
    /// Whether this machine computes some answers itself, to set those of the nodes against.
    public var isRefereed = true
    /// The baseline that the results are set against; nil for none.
    public var baseline: PinnedBaseline?
    /// What the person named as configuration of state dicts, for advice.
    public var configuration: String?
    /// The folder of the store as commands are to name it; nil for the one that they take by themselves.
    public var store: String?
    /// The programs and libraries with their versions, as reports name them.
    public var versions: [String: String] = [:]
    /// The command line, as reports tell it; nil when there is none.
    public var command: String?

    /// Listens at `endpoint` for at most `timeout`.
    public init(endpoint: String?, keys: Keys, timeout: Duration) {
        self.endpoint = endpoint
        self.keys = keys
        self.timeout = timeout
    }
}
