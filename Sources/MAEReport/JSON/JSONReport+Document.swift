import MAEDomain
import MAEVerify

extension JSONReport {
    /// The whole document; property names become snake_case keys.
    struct Document: Encodable {
        var schema = 1
        var run: String
        var startedAt: String?
        var seconds: Double?
        var verdict: String
        var exitCode: Int32
        var sentence: String
        var settings: Settings
        var versions: [String: String]
        var nodes: [Node]
        var drainedNodes: [String]
        var absentNodes: [Absent]
        var lostNodes: [Lost]
        /// Names of nodes that were found to compute wrongly.
        var suspectNodes: [String]
        var paces: [Pace]
        /// Names of nodes that were there and had nothing to run.
        var idleNodes: [String]
        var refused: [Refused]
        var ending: String
        var methods: [Method]
        var configurations: [Configuration]
        var cells: [CellEntry]
        /// What is only counted of a long run; nil where nothing is.
        var counted: Counted?
        var pairs: [Pair]
        var pairsTotal: Int
        var pairsOmitted: Int
        var reruns: [Rerun]
        var referee: Referee?
        var baseline: Baseline?
        var witnesses: [WitnessEntry]?
        var attributions: [AttributionEntry]?
        var findings: [FindingEntry]
        var failures: [Failure]
        var missing: [CellName]
        /// Number of places of nodes that never came; nil where all are in `missing`.
        var missingTotal: Int?

        init(_ verification: Verification, _ details: ReportDetails) {
            let comparison = verification.comparison
            let matrix = Matrix(comparison)
            let suspects = verification.suspectNodes
            let listed = JSONReport.listedPairs(comparison)
            run = comparison.plan.run
            startedAt = details.startedAt
            seconds = details.seconds
            verdict = verification.verdict.outcome.rawValue
            exitCode = verification.verdict.outcome.exitCode
            sentence = verification.verdict.sentence
            settings = Settings(comparison.plan)
            versions = details.versions
            nodes = comparison.nodes.map(Node.init)
            drainedNodes = details.drainedNodes
            absentNodes = comparison.circumstances.absent.map(Absent.init)
            lostNodes = comparison.circumstances.lost.map(Lost.init)
            suspectNodes = suspects
            paces = comparison.paces.map(Pace.init)
            idleNodes = comparison.circumstances.idle
            refused = comparison.circumstances.refused.map(Refused.init)
            ending = comparison.circumstances.ending.code
            methods = comparison.methods.map { Method($0, comparison.plan) }
            configurations = ConfigurationInEffect.all(in: comparison).map(Configuration.init)
            cells = comparison.cells.map { CellEntry($0, matrix, isSuspect: suspects.contains($0.node.name)) }
            pairs = listed.map { Pair(comparison.pairs[$0], comparison.cells) }
            pairsTotal = comparison.pairCount
            pairsOmitted = comparison.pairCount - listed.count
            counted = comparison.counted.map(Counted.init)
            reruns = comparison.reruns.map(Rerun.init)
            referee = Referee(comparison)
            baseline = details.baseline.map(Baseline.init)
            let witnesses = comparison.witnesses
            self.witnesses = witnesses.isEmpty ? nil : witnesses.map(WitnessEntry.init)
            let attributions = verification.comparison.attributions
            self.attributions = attributions.isEmpty ? nil : attributions.map(AttributionEntry.init)
            let replay = ReplayWords(verification, details)
            findings = verification.findings.map { FindingEntry($0, replay: replay) }
            failures = comparison.failures.map(Failure.init)
            let absent = MissingPlaces(comparison)
            missing = absent.named.map(CellName.init)
            missingTotal = absent.count > missing.count ? absent.count : nil
        }
    }

    struct Settings: Encodable {
        var seed: UInt64
        var batches: Int
        /// How many of them were drawn for this run, and from which seed; left out where none were.
        var freshBatches: Int?
        var freshSeed: UInt64?
        var batchSize: Int
        var noise: String
        var maskRatio: Double?
        var atol: Float
        var rtol: Float
        var workers: Int
        var replicas: Int?
        var images: Images?

        init(_ plan: RunPlan) {
            seed = plan.seed
            batches = plan.batches
            (freshBatches, freshSeed) = (plan.rotating?.count, plan.rotating?.seed)
            batchSize = plan.batchSize
            noise = plan.noise.rawValue
            maskRatio = plan.maskRatio
            atol = plan.tolerance.atol
            rtol = plan.tolerance.rtol
            workers = plan.workers
            replicas = plan.replicas
            images = Images(plan)
        }
    }

    /// What came of setting the run against a baseline.
    struct Baseline: Encodable {
        var file, run: String
        var held, changed, unchecked: Int

        init(_ summary: BaselineSummary) {
            (file, run) = (summary.file, summary.run)
            (held, changed, unchecked) = (summary.held, summary.changed, summary.unchecked)
        }
    }

    /// The images of a person's own.
    struct Images: Encodable {
        var path: String
        var count: Int
        var filesDigest: String?
        var files: [File]?
        var preprocessing: String?
        var preprocessorConfig: String?
        var pictures: [File]?

        /// Nil where images are drawn.
        init?(_ plan: RunPlan) {
            guard let images = plan.images else { return nil }
            (path, count) = (images.path, images.count)
            (filesDigest, files) = (plan.imageFiles?.digest.description, plan.imageFiles?.files.map(File.init))
            (preprocessing, preprocessorConfig) = (images.preparation?.words, images.preparation?.settings)
            pictures = plan.pictureFiles?.files.map(File.init)
        }
    }

    struct Node: Encodable {
        var name, host, backend, device, isa: String
        var threads: Int
        var numericClass, engineBuild: String
        var classReason: String?
        var machine: [MachineFact]?

        init(_ node: NodeIdentity) {
            (name, host, backend) = (node.name, node.host, node.backend)
            (device, isa, threads) = (node.device, node.isa, node.threads)
            (numericClass, engineBuild) = (node.numericClass, node.engineBuild)
            classReason = node.classReason
            machine = node.machine?.facts.map { MachineFact(name: $0.name, value: $0.value) }
        }
    }

    /// Something that a node tells of its machine.
    struct MachineFact: Encodable {
        var name, value: String
    }

    struct Method: Encodable {
        var kind, label, path: String
        var weights: String?
        var config: String?
        var maskRatio: Double?
        var filesDigest, configFilesDigest: String?
        var files, configFiles: [File]?

        init(_ method: LoadingMethod, _ plan: RunPlan) {
            (kind, label, path) = (method.kind.rawValue, method.label, method.path)
            (weights, config, maskRatio) = (method.weights, method.configPath, method.maskRatio)
            let checkpoint = plan.files(.checkpoint, at: path)
            let configuration = config.flatMap { plan.files(.configuration, at: $0) }
            (filesDigest, files) = (checkpoint?.digest.description, checkpoint?.files.map(File.init))
            (configFilesDigest, configFiles) = (configuration?.digest.description, configuration?.files.map(File.init))
        }
    }

    struct File: Encodable {
        var name: String
        var size: Int
        var digest: String

        init(_ file: CheckpointFiles.File) { (name, size, digest) = (file.name, file.size, "\(file.digest)") }
    }

    struct CellEntry: Encodable {
        var result: ResultFields
        var status: String
        var suspect: Bool
        /// How far the output lies from that which its batch is set against; left out where it has the same bits.
        var measured: Metrics?

        private enum CodingKeys: CodingKey { case status, suspect, measured }

        init(_ cell: Observation, _ matrix: Matrix, isSuspect: Bool) {
            result = ResultFields(cell)
            suspect = isSuspect
            measured = matrix.difference(of: cell.cell).map(Metrics.init)
            status = matrix[cell.node.name, cell.method.label, cell.batch.index]?.status.words ?? ""
        }

        func encode(to encoder: any Encoder) throws {
            try result.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(status, forKey: .status)
            try container.encode(suspect, forKey: .suspect)
            try container.encodeIfPresent(measured, forKey: .measured)
        }
    }

    struct Place: Encodable {
        var node, method: String

        init(_ cell: Observation) { (node, method) = (cell.node.name, cell.method.label) }
    }

    struct Pair: Encodable {
        var batch: Int
        var left, right: Place
        var relation: String
        var agrees: Bool
        var stage: String?
        var differing: [String]
        var bitwise, reordered: Bool
        var measured: Metrics?

        init(_ pair: PairComparison, _ cells: [Observation]) {
            batch = cells[pair.left].batch.index
            (left, right) = (Place(cells[pair.left]), Place(cells[pair.right]))
            relation = pair.relation.name
            if case .differs(let at) = pair.relation { stage = at.name }
            agrees = pair.agrees
            differing = pair.differing.stages.map(\.name)
            (bitwise, reordered) = (pair.bitwise, pair.reordered)
            measured = pair.metrics.map(Metrics.init)
        }
    }

    /// Numbers that are not finite, which JSON cannot write, are left out.
    struct Metrics: Encodable {
        var of: String
        var elements, differing: Int
        var max, rms, requiredAtol: Double?
        var place: [Int]?

        init(_ metrics: DifferenceMetrics) {
            of = metrics.subject.rawValue
            (elements, differing) = (metrics.count, metrics.differing)
            max = metrics.maximum.isFinite ? metrics.maximum : nil
            rms = metrics.rms.isFinite ? metrics.rms : nil
            (requiredAtol, place) = (metrics.requiredAtol, metrics.place)
        }
    }

    struct Rerun: Encodable {
        var node, method: String
        var batch, runs: Int
        var stage: String?

        init(_ rerun: RerunComparison) {
            (node, method, batch) = (rerun.cell.node, rerun.cell.method, rerun.cell.batch)
            (runs, stage) = (rerun.runs, rerun.differs?.name)
        }
    }
}
