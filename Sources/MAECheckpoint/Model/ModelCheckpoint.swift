import MAEFiles
import MAEFormats
import MAETensor

/// A ViT-MAE as it lies in files: its configuration and every parameter, under canonical names.
///
/// Opening reads headers and object graphs, and checksums where a file has them; the weights stay in their mapped files
/// until they are asked for.
public struct ModelCheckpoint: Sendable {
    /// The file or directory that was read: the one that was named, or a snapshot of the hub cache.
    public let path: String
    /// The way to the weights inside the file, such as `model`; empty where they are all that it holds.
    public let key: String
    /// The method by which it was read; never ``LoadingChoice/automatic``.
    public let method: LoadingChoice
    /// The configuration, with the origin of each value.
    public let configuration: TracedConfiguration
    /// The parameters that are there: all of the model, or those of the encoder alone.
    public let layout: ParameterLayout
    /// The tensors as they lie in the file, by canonical name: exactly those of ``layout``, with its shapes.
    public let tensors: [String: CheckpointTensor]
    /// Every file that was read.
    public let files: [CheckpointFile]
    /// How the checkpoint is stored.
    public let format: CheckpointFormat
    /// What a person should know about the checkpoint, in the order in which it was noticed.
    public private(set) var findings: [CheckpointFinding]
    /// The outline of its file; nil for a directory.
    public let contents: ContentTree?
    /// The models of its file, the checkpoint's own first; none when the file holds one model, or no others were asked for.
    public private(set) var models: [FileModel] = []
    private let reading: WeightReading

    /// The path, and the key of the weights where they have one: `FILE#KEY`.
    public var place: String { key.isEmpty ? path : path + "#" + key }

    /// Whether the decoder is there too.
    public var hasDecoder: Bool { layout.parameters.contains { $0.part == .decoder } }

    /// Whether the checkpoint itself says how it is configured: in a `config.json` or a pickled object.
    public var carriesConfiguration: Bool {
        configuration.origins.values.contains {
            switch $0 {
            case .configFile, .pickledObject: true
            default: false
            }
        }
    }

    /// Opens the checkpoint at `path` and verifies the checksums of its files.
    ///
    /// `weights` is the key of one of several models in a file. `configuration` is a `config.json`, or a directory with one,
    /// that goes before the checkpoint's own. It and `path` may be names of models in `hubCache`, such as
    /// `facebook/vit-mae-base`. Files next to the checkpoint that could be mistaken for it, and other models in its file,
    /// are compared with it unless `comparesNeighbors` is false. Throws ``CheckpointError`` for every checkpoint that is
    /// not whole, and for a method that does not fit the content.
    public static func open(
        _ path: String, weights: String? = nil, method: LoadingChoice = .automatic, configuration: String? = nil,
        comparesNeighbors: Bool = true, hubCache: HubCache = .default
    ) throws(CheckpointError) -> ModelCheckpoint {
        let checkpoint = try openUnverified(
            path, weights: weights, method: method, configuration: configuration,
            comparesNeighbors: comparesNeighbors, hubCache: hubCache)
        try checkpoint.verifyChecksums()
        return checkpoint
    }

    /// Opens a checkpoint whose weights are all going to be read, which verifies their checksums on the way.
    ///
    /// As ``open(_:weights:method:configuration:comparesNeighbors:hubCache:)``, but nothing that comes of the weights may
    /// be used before ``verifyChecksums()`` has returned.
    package static func openUnverified(
        _ path: String, weights: String? = nil, method: LoadingChoice = .automatic, configuration: String? = nil,
        comparesNeighbors: Bool = true, hubCache: HubCache = .default
    ) throws(CheckpointError) -> ModelCheckpoint {
        let option = try configuration.map { path throws(CheckpointError) in
            try ConfigurationSource.read(option: path, in: hubCache)
        }
        let place = try CheckpointPath(path, in: hubCache)
        var raw = try RawCheckpoint.read(place.path, method: method, key: weights)
        raw.findings = place.findings + (try HubBlob.findings(of: raw.files)) + raw.findings
        var checkpoint: ModelCheckpoint
        do throws(CheckpointError) {
            checkpoint = try ModelCheckpoint(raw, option: option)
        } catch {
            throw error.noting(raw)
        }
        guard comparesNeighbors else { return checkpoint }
        checkpoint.models = try FileModel.all(of: checkpoint, raw, option: option)
        let several = FileModel.finding(checkpoint.models, raw, named: weights != nil)
        checkpoint.findings += [several].compactMap { $0 } + checkpoint.neighborFindings(option: option)
        return checkpoint
    }

    /// Binds what lies in the files to the parameters of the model they describe.
    init(_ stored: RawCheckpoint, option: ConfigurationSource?) throws(CheckpointError) {
        let pruned = try PrunedWeights(stored.entries)
        var raw = stored
        raw.entries = pruned.entries
        let naming = ParameterNaming(keys: raw.entries.map(\.key), unreadKeys: raw.unread.map(\.key))
        guard !naming.isEmpty else {
            throw CheckpointError(
                .unsupportedFormat, path: raw.path,
                "holds no parameter of a ViT-MAE under any name that is known"
                    + (raw.format.pickledClass.map { ", but an object of \($0)" } ?? "")
                    + ". Name the checkpoint of a ViT-MAE.")
        }
        guard raw.method != .pretrained || naming.prefix.isEmpty else {
            throw CheckpointError(
                .unsupportedFormat, path: raw.path, place: naming.prefix,
                "is in front of the names of the weights, where transformers does not look: from_pretrained would draw all "
                    + "of them at random. Load the file inside by the method state-dict, with --config \(raw.path), or save "
                    + "it without the prefix.")
        }
        let leftOver = LeftOverTensors(naming: naming, unread: raw.unread, elsewhere: raw.elsewhere, path: raw.path)
        try leftOver.requireNone()
        let audit = try raw.module.map { module throws(CheckpointError) in try ModuleAudit(module, raw, naming) }
        let recognized = try ParameterBinding.recognized(raw.entries, naming: naming, path: raw.path)
        try UnusableWeights.requireNone(in: recognized, naming: naming, path: raw.path)
        let (configuration, noticed) = try ConfigurationResolution(raw: raw, option: option)
            .resolve(naming, shapes: recognized.mapValues(\.shape), modules: audit.map(ModuleFacts.init))
        let parts: Set<ParameterLayout.Part> =
            recognized.keys.contains { $0.hasPrefix("decoder.") } ? [.encoder, .decoder] : [.encoder]
        let layout = ParameterLayout(configuration.values, parts: parts)
        // Where the shapes decide, nothing says that a tensor was meant to be left out.
        let isStated = option != nil || raw.configuration != nil
        try leftOver.requireNone(beyond: layout, method: isStated ? raw.method : .stateDict)
        let binding = try ParameterBinding(recognized, to: layout, naming: naming, path: raw.path)

        var format = raw.format
        format.dialect = naming.dialect
        format.prefix = naming.prefix
        format.transformersVersion = raw.configuration?.transformersVersion
        for tensor in binding.tensors.values { format.dtypes[tensor.dtype, default: 0] += 1 }

        path = raw.path
        key = raw.key
        method = raw.method
        self.configuration = configuration
        self.layout = layout
        tensors = binding.tensors
        files = raw.files
        contents = raw.contents
        self.format = format
        findings =
            [audit?.randomnessFinding, audit?.foreignClassFinding].compactMap { $0 } + raw.findings + noticed
            + [pruned.finding(among: Set(naming.sources.values.map(\.key)), path: raw.path)].compactMap { $0 }
            + CheckpointObservations(
                raw: raw, option: option, naming: naming, recognized: recognized, layout: layout, format: format,
                configuration: configuration
            ).findings
        reading = WeightReading(raw.files, PendingChecksums(raw.unverified))
    }

    /// Calls `body` with the fp32 elements of the parameter `name`, after verifying and digesting them where that was not
    /// done before: so what reads all weights once leaves everything known that there is to know of them.
    ///
    /// The memory of the mapped file is given back afterwards. May be called on several threads. Throws
    /// ``CheckpointError/Code/malformedFile`` for a checksum that does not match,
    /// ``CheckpointError/Code/malformedTensor`` for a parameter that is no float, and what `body` throws.
    public func read(_ name: String, _ body: (Tensor) throws -> Void) throws {
        guard let stored = tensors[name] else { preconditionFailure("\(name) is no parameter of this checkpoint") }
        try reading.read(name, stored, body)
    }

    /// Carries out deliveries until `next` gives none, on the calling thread: reads `lanes` parameters at a time, piece after
    /// piece, verifies and digests them on the way, as ``read(_:_:)`` does each alone.
    ///
    /// Bytes of the files are read for it, and not mapped into memory. May be called on several threads, which share out the
    /// deliveries. Nothing that comes of a delivery may be used before it has ended without an error.
    ///
    /// - Parameter lanes: 1, or ``SHA256Lanes/best``.
    package func readInPieces(lanes: Int, next: () -> PieceDelivery?) {
        let reader = PieceReader(lanes: lanes, reading)
        reader.run {
            next().map { delivery in
                guard let stored = tensors[delivery.name] else {
                    preconditionFailure("\(delivery.name) is no parameter of this checkpoint")
                }
                return (delivery, stored)
            }
        }
    }

    /// Verifies the checksums that were not verified yet, on all cores, and that no file was cut short or written to since it
    /// was opened; throws for the first that does not match.
    public func verifyChecksums() throws(CheckpointError) { try reading.verify() }

    /// Throws ``CheckpointError/Code/contradiction`` when a file was cut short or written to since it was opened.
    func requireUnchanged() throws(CheckpointError) { try reading.requireUnchanged() }

    /// The digests of all weights.
    ///
    /// Reads, on all cores, the weights that neither ``read(_:_:)`` nor ``readInPieces(lanes:next:)`` has read. Throws
    /// ``CheckpointError/Code/malformedTensor`` for one that is no float.
    public func fingerprints() throws(CheckpointError) -> WeightsFingerprints {
        let unread = layout.parameters.map(\.name).filter { !reading.hasRead($0) }
        _ = try Parallel.map(unread) { name throws(CheckpointError) in
            do {
                try read(name) { _ in }
            } catch let error as CheckpointError {
                throw error
            } catch {
                preconditionFailure("nothing else is thrown by a body that does nothing: \(error)")
            }
        }
        try reading.requireUnchanged()
        return reading.fingerprints
    }
}

extension CheckpointError {
    /// Most notes of the reader that a refusal repeats.
    private static let repeatedNotes = 3

    /// The same error with what was noticed while the file was read, which may be the cause, and other models to try.
    fileprivate func noting(_ raw: RawCheckpoint) -> CheckpointError {
        let notes = raw.findings.prefix(Self.repeatedNotes).map { " Noticed while reading: \($0.message)" }
        let keys = raw.others.map {
            "`\($0.key.shortName)`" + ($0.method == raw.method ? "" : " (\($0.method.content))")
        }
        let others =
            keys.isEmpty
            ? "" : " The file holds other models too: \(ParameterBinding.list(keys)); --weights KEY takes one."
        return CheckpointError(code, path: path, place: place, message + notes.joined() + others)
    }
}
