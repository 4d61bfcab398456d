import MAEDomain
import MAEVerify

/// A run in which much went wrong, so that whatever shows or keeps a verification has something of everything in it.
enum EventfulRun {
    static let plan: RunPlan = {
        var plan = simulation.plan
        plan.maskRatio = 0.75
        plan.workers = 4
        plan.images = PlannedImages(path: "images", count: 4)
        plan.checkpoints = [
            files(.checkpoint, "vit-mae-base", ["config.json", "model.safetensors"]),
            files(.configuration, "config.json", ["config.json"]), files(.images, "images", ["a.npy", "b.npy"]),
        ]
        return plan
    }()

    /// All results; the shard of one is its index.
    static let observations: [Observation] = {
        var observations = simulation.observations { cell, work in
            if cell.node == "n3" { work.shift = 1e-6 }
            if cell == Cell(node: "n2", method: "pretrained", batch: 1) { (work.outputFault, work.shift) = ("x", 1e-3) }
            if cell == Cell(node: "n3", method: "pretrained", batch: 1) { work.notFinite = true }
            if cell.method == "state-dict" {
                work.maskRatio = MaskRatio(0.75, from: .defaultValue)
                work.loadFindings = [
                    LoadFinding(code: "prefix-removed", severity: .note, text: "the prefix ‘module.’ was removed"),
                    LoadFinding(code: "limited-readers", severity: .error, text: "a <reader> might \"differ\""),
                ]
            }
        }
        for index in observations.indices where observations[index].method.label == "state-dict" {
            observations[index].configuration += [
                ConfigurationField(
                    name: "num_attention_heads", value: "12", origin: .guess, reason: "heads have 64 rows"),
                ConfigurationField(name: "qkv_bias", value: "true", origin: .defaultValue),
            ]
            observations[index].seconds = StageSeconds(load: 0.1, input: 0.25, forward: 1.0 / 3)
        }
        return observations
    }()

    static let verification: Verification = {
        var verification = Verification(
            plan: plan, observations: observations,
            failures: [
                ShardFailure(
                    node: "n1", method: "full", batch: 1, code: "failed", error: "outOfMemory",
                    message: "there is no memory left: use fewer threads"),
                ShardFailure(
                    node: "", method: "full", batch: 1, code: "run-ended",
                    message: "the time limit of 60 s passed first"),
            ],
            copies: [HalfPrecisionCopy(digest: .of("base"), original: .of("other"), format: .bfloat16)],
            circumstances: RunCircumstances(
                ending: .timeLimit(seconds: 60),
                absent: [AbsentNode(name: "n4", lastRun: "run-0"), AbsentNode(name: "n5")],
                lost: [
                    LostNode(
                        name: "n3", code: "silent", reason: "nothing was heard of it", after: 12.5, results: 5,
                        share: 6,
                        job: LostNode.Job(method: "full", batch: 1)),
                    LostNode(name: "n7", code: "left", reason: "it said Goodbye", results: 1),
                ],
                refused: [RefusedPeer(peer: "n6", reason: "its key is unknown", count: 3)]))
        verification.add(SequentialDraws(method: "full", calls: 3, images: 2, largest: 0.5))
        return verification
    }()

    /// The same with findings and a verdict that do not change when a rule finds better words.
    static let withFixedWords = Verification(
        comparison: verification.comparison,
        findings: [
            Finding(
                code: "node-outlier", severity: .error, sentence: "n2 computed `other` bits.",
                evidence: ["The first differing layer is `vit.layers.2`.", "Largest difference: 0.001."],
                remedy: "Check its memory.", python: "model(noise=noise)",
                cells: [Cell(node: "n2", method: "pretrained", batch: 1)]),
            Finding(code: "work-missing", severity: .warning, sentence: "A result is missing."),
            Finding(code: "load-prefix", severity: .note, sentence: "‘module.’ was removed."),
        ],
        verdict: Verdict(
            outcome: .disagree, sentence: "Disagreement in 30 of 64 pairs. n2 computed `other` bits.",
            extent: "Disagreement in 30 of 64 pairs"))

    /// What its report says beyond the verification.
    static let details: ReportDetails = {
        var details = ReportDetails(
            versions: ["engine": "1.0"], startedAt: "2026-01-31T23:59:00Z", seconds: 12.5, drainedNodes: ["n2"])
        (details.startedAtSeconds, details.command) = (1_769_903_940.125, "mae-coord verify --method 'full=a b'")
        details.masks = [PatchGrid(caption: "full on n1", columns: 2, isKept: [true, false, false, true])]
        return details
    }()

    private static var simulation: Simulation {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 2)
        simulation.methods[0].maskRatio = 0.75
        simulation.methods[1].weights = "ema"
        simulation.methods[2].configPath = "config.json"
        simulation.node = { name in
            var node = Simulation.identity(name, numericClass: name == "n3" ? "vulkan-1" : "canonical-v1")
            node.classReason = name == "n3" ? "its known answers differ" : nil
            return node
        }
        simulation.lost = [Cell(node: "n1", method: "full", batch: 1)]
        let again = Cell(node: "n2", method: "full", batch: 0)
        simulation.extra = [1, 2].map { attempt in
            var work = SimulatedWork()
            (work.attempt, work.outputFault, work.shift, work.faultyLayer) = (attempt, "again \(attempt)", 1e-3, 2)
            return simulation.observation(again, work)
        }
        return simulation
    }

    private static func files(_ role: CheckpointFiles.Role, _ path: String, _ names: [String]) -> CheckpointFiles {
        CheckpointFiles(
            role, path: path, digest: .of(path),
            files: names.map {
                CheckpointFiles.File(name: $0, size: $0.count, digest: .of($0), modified: 1_700_000_000.25)
            })
    }
}
