import ArgumentParser
import Foundation
import Logging
import MAECluster
import MAEDomain
import MAECommand
import MAEContent
import MAEEngine
import MAEKeys
import MAEWorker
import ZeroMQ

/// What a worker is told on its command line.
package struct WorkerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The coordinator: tcp://HOST:PORT, an IPv6 address in brackets, or ipc://PATH. (default: the socket file at which "
                + "mae-coord verify of this user listens)", valueName: "endpoint"))
    var connect: String?

    @Option(
        help: ArgumentHelp(
            "Connect where this file says, which mae-coord verify --endpoint-file writes: it is waited for, and read again when "
                + "it changes.", valueName: "file"), completion: .file())
    var connectFile: String?

    @OptionGroup(title: "How long it works") var life: LifeArguments

    @Flag(help: "Show the Vulkan devices of this machine with their numeric classes, instead of working.")
    var listDevices = false

    @OptionGroup var engine: EngineArguments

    @OptionGroup var health: HealthArguments

    @Option(
        help: ArgumentHelp(
            "Tell whether the worker that keeps its sign of life in this file goes on, instead of working.",
            valueName: "file"), completion: .file())
    var checkHealth: String?

    @Option(
        help: ArgumentHelp(
            "What the node is called, over restarts too; when left out, the name in the key file, or the host's, in a job step of "
                + "Slurm with the number of the task. A second worker of a host takes the next free of NAME-2, NAME-3, …"
        ))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The node's key file, as mae-coord keys add writes it, or a folder that has it as NAME.key: for a coordinator on "
                + "another machine, or one with --secure.", valueName: "path"), completion: .file())
    var key: String?

    @Option(
        name: .customLong("models"),
        help: ArgumentHelp(
            "Folder in which the coordinator may name files that are here; repeat for each. A path elsewhere, links followed, "
                + "is never opened: its files are fetched from the coordinator.", valueName: "dir"),
        completion: .directory)
    var models: [String] = []

    @Option(
        help: ArgumentHelp(
            "Folder for checkpoints that come from the coordinator; workers of one machine may share it. When left out, "
                + "mae-cluster/checkpoints in the user's cache folder.", valueName: "dir"), completion: .directory)
    var cache: String?

    @Option(
        help: ArgumentHelp(
            "Bytes that the cache may have, as 500MB or 20GB; files used longest ago go first.", valueName: "size"))
    var cacheLimit = ByteCount(20_000_000_000)

    @Flag(
        help: "Fetch no checkpoint: where the files here are not those of the coordinator, the work is refused.")
    var noFetch = false

    @Flag(
        help: "Leave when standard input ends, as the workers of mae-coord verify --local do when it is gone.")
    var untilInputEnds = false

    @OptionGroup var logging: LogArguments

    /// The defaults.
    package init() {}

    /// Refuses endpoints that are none, or that take a key where none is given, and names that are no names of nodes.
    package func validate() throws {
        if connect != nil, connectFile != nil {
            throw ValidationError("--connect and --connect-file both say where the coordinator is: give one of them.")
        }
        if let endpoint = try givenEndpoint(), key == nil, !endpoint.isLocal {
            throw ValidationError(
                "--connect \(endpoint): a coordinator on another machine is spoken to with keys only; make a node file there "
                    + "with `mae-coord keys add NODE` and give it with --key FILE.")
        }
        if let name, NodeID(name) == nil {
            throw ValidationError(
                "--name: 1 to \(NodeID.maximumLength) bytes without control characters are a name.")
        }
    }

    /// The endpoint of `--connect`; nil where it was left out.
    ///
    /// Throws a `ValidationError`.
    func givenEndpoint() throws -> Endpoint? {
        try connect.map { try EndpointArgument.read($0, of: "--connect", for: .connecting) }
    }

    /// Where the coordinator is.
    ///
    /// Throws a `ValidationError`, and `DefaultEndpointError`.
    func address() throws -> CoordinatorAddress {
        if let connectFile { return CoordinatorAddress(file: connectFile) }
        return CoordinatorAddress(
            endpoint: try givenEndpoint()?.description
                ?? DefaultEndpoint.make(ProcessInfo.processInfo.environment, otherwise: "--connect"))
    }

    /// The worker that these arguments describe, with its engine open.
    ///
    /// - Parameter open: opens the engine; it is called again when the device was lost.
    func shell(
        connectingTo address: CoordinatorAddress, open: @escaping @Sendable (EngineOptions) throws -> Engine
    ) throws -> WorkerShell {
        var log = Logger(label: "mae-worker")
        log.logLevel = try logging.level(default: .info)
        let host = ProcessInfo.processInfo.hostName
        let choice = try NodeChoice(
            name: name, key: key, host: host, environment: ProcessInfo.processInfo.environment)
        let node = choice.node
        log[metadataKey: "node"] = "\(node)"
        let options = engine.options
        let engine = try open(options)
        let description = engine.description
        log.info(
            """
            \(description.backend) on \(description.device), \(description.instructionSet), \
            \(description.threads) thread\(description.threads == 1 ? "" : "s"), class \(description.numericClass): \
            \(engine.classReason)
            """
        )
        let context = try Context(ioThreads: WorkerOptions.ioThreads)
        var worker = WorkerOptions(address: address, node: node, host: host)
        worker.keyFile = choice.keyFile
        worker.policy.mayTakeOtherName = choice.isOpen
        life.apply(to: &worker)
        let notes = log
        let cache = ContentCache(
            directory: cache ?? CacheFolder.default(ProcessInfo.processInfo.environment), limit: cacheLimit.bytes
        ) { notes.warning("\($0)") }
        let folders = ModelFolders(models)
        for folder in folders.missing { log.warning("--models \(folder): there is no such folder now") }
        let supply = CheckpointSupply(
            cache: cache, folders: folders, fetches: !noFetch, options: worker, context: context, log: log)
        return try WorkerShell(
            worker, runner: EngineRunner(engine, supply: supply) { try open(options) }, context: context, log: log)
    }
}
