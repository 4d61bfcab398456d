import MAECoordinator
import MAEDomain
import MAETensor
import MAEVerify
import MAEWire

/// A run whose results are made up the way an engine would make them, for as many nodes and methods as asked.
///
/// Each observation is made of a result that was encoded and decoded: it holds nothing that a message does not carry.
struct Simulation {
    static let hidden = 8
    static let patches = 16

    var nodes = ["n1", "n2"]
    var methods = [
        LoadingMethod(kind: .pretrained, label: "pretrained", path: "vit-mae-base"),
        LoadingMethod(kind: .full, label: "full", path: "vit_mae.pth"),
        LoadingMethod(kind: .stateDict, label: "state-dict", path: "vit_mae_statedict.pth"),
    ]
    var batches = 1
    /// The nodes that run each batch, by its number; every node where there is none.
    var blocks: [[String]] = []
    /// Those of ``batches`` that are drawn for the run, the last ones.
    var rotating: RotatingBatches?
    /// The images of the other batches; nil where they are drawn.
    var images: PlannedImages?
    var batchSize = 2
    var tolerance = Tolerance()
    var noise = NoiseSource.Policy.shared
    var node: (String) -> NodeIdentity = { Simulation.identity($0) }
    var failures: [ShardFailure] = []
    /// Cells that give no observation.
    var lost: Set<Cell> = []
    /// Further observations.
    var extra: [Observation] = []

    static func identity(
        _ name: String, backend: String = "cpu", device: String = "AMD EPYC 9R14", isa: String = "avx512",
        numericClass: String = "canonical-v1", build: String = "1.0"
    ) -> NodeIdentity {
        NodeIdentity(
            name: name, host: "host-" + name, backend: backend, device: device, isa: isa, threads: 2,
            numericClass: numericClass, engineBuild: build)
    }

    /// Every place that is to be filled.
    var places: [Cell] {
        (0..<batches).flatMap { batch in
            (blocks.isEmpty ? nodes : blocks[batch % blocks.count]).flatMap { node in
                methods.map { Cell(node: node, method: $0.label, batch: batch) }
            }
        }
    }

    /// What a coordinator tells of the run: each lost place has a failure.
    private var reported: [ShardFailure] {
        failures
            + (failures.isEmpty ? lost.sorted() : []).map {
                ShardFailure(
                    node: $0.node, method: $0.method, batch: $0.batch, code: "node-lost",
                    message: "the node was lost: nothing was heard of it")
            }
    }

    var plan: RunPlan {
        var plan = RunPlan(
            run: "run-1", seed: 42, batches: batches - (rotating?.count ?? 0), batchSize: batchSize, noise: noise,
            tolerance: tolerance, methods: methods, workers: nodes.count, replicas: blocks.first?.count)
        plan.images = images
        if let rotating { plan.add(rotating) }
        return plan
    }

    /// All observations, each changed by `change` first.
    func observations(_ change: (Cell, inout SimulatedWork) -> Void = { _, _ in }) -> [Observation] {
        let plan = plan
        return places.filter { !lost.contains($0) }.map { cell in
            var work = SimulatedWork()
            work.seed = plan.batch(cell.batch).seed
            work.noise.policy = noise
            if noise == .sequential { work.noise.draw = methods.firstIndex { $0.label == cell.method } ?? 0 }
            change(cell, &work)
            return observation(cell, work)
        } + extra
    }

    /// Judges the run.
    func verify(_ change: (Cell, inout SimulatedWork) -> Void = { _, _ in }) -> Verification {
        Verification(plan: plan, observations: observations(change), failures: reported)
    }

    /// What an engine would have answered for one cell.
    func observation(_ cell: Cell, _ work: SimulatedWork) -> Observation {
        let node = node(cell.node)
        let inputText = "input \(work.seed)"
        let maskText = "\(keptPatches(work))" + work.maskFault
        let orderText = "order \(work.seed) \(work.noise.draw) \(work.noiseFault) \(work.maskFault)"
        let computation = "\(work.weights) \(work.layerNormEps) \(inputText) \(maskText)"
        let canonical = node.numericClass.hasPrefix("canonical-")
        let bits =
            "\(computation) \(node.numericClass) \(work.outputFault) \(canonical ? "" : orderText)" + work.rounding
        let pooled = Self.values(computation, bits + work.poolingFault, work, batchSize)
        // After the embeddings and three blocks.
        let layers = (0..<4).map { layer in
            let fault = layer >= work.faultyLayer ? work.outputFault : ""
            return SHA256Digest.of(
                "\(computation) \(node.numericClass) \(fault) \(layer == work.hiddenIn ? "hidden" : "")")
        }
        var completed = Completed(
            weights: WeightsObservation(
                digest: .of(work.weights + "\(work.tensors)"),
                fingerprints: work.tensors.map {
                    TensorFingerprint(
                        name: $0, shape: [4],
                        digest: .of($0 + (work.changedTensors.contains($0) ? work.weights : "base")))
                }),
            digests: StageDigests(
                input: .of(inputText), noise: .of("noise " + orderText), mask: .of(maskText), order: .of(orderText),
                layernorm: .of(work.notFinite ? "NaN" : bits), returned: .of(bits + orderText),
                pooled: pooled.digest()),
            configuration: [
                ConfigurationField(name: "hidden_size", value: "8", origin: .configJSON),
                ConfigurationField(name: "layer_norm_eps", value: work.layerNormEps, origin: .configJSON),
            ], maskRatio: work.maskRatio, seconds: StageSeconds(), pooled: TensorPayload(.pooled, pooled), tokens: 5,
            hidden: Self.hidden)
        completed.findings = work.loadFindings
        completed.layers = LayerDigests(layers)
        return Observation(
            Self.sent(completed), node: node, method: methods.first { $0.label == cell.method } ?? methods[0],
            batch: BatchIdentity(index: cell.batch, seed: work.seed, size: batchSize), attempt: work.attempt,
            noise: work.noise)
    }

    /// A result as the coordinator decodes it.
    private static func sent(_ completed: Completed) -> Completed {
        let lease = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1))
        do {
            let result = ShardResult(lease: lease, outcome: .completed(completed))
            let frames = try Envelope(session: 1, incarnation: 1, .result(result)).frames()
            if case .result(let result) = try Envelope(frames: frames).body, case .completed(let copy) = result.outcome
            {
                return copy
            }
            preconditionFailure("a result is decoded as another message")
        } catch {
            preconditionFailure("a simulated result cannot be sent: \(error)")
        }
    }

    private func keptPatches(_ work: SimulatedWork) -> [[Int]] {
        let count = Int(Double(Self.patches) * (1 - work.maskRatio.value))
        return (0..<batchSize).map { image in
            var random = Xorshift("mask \(work.seed) \(work.noise.draw) \(work.noiseFault) \(image)")
            return Array(0..<Self.patches).shuffled(using: &random).prefix(count).sorted()
        }
    }

    private static func values(
        _ computation: String, _ bits: String, _ work: SimulatedWork, _ batchSize: Int
    ) -> Tensor {
        var coarse = Xorshift(computation)
        var fine = Xorshift(bits)
        let values = (0..<batchSize * hidden).map { _ in
            Float.random(in: -2...2, using: &coarse)
                + Float.random(in: -1...1, using: &fine) * (work.outputFault + work.poolingFault == "" ? 0 : 1e-3)
                + Float.random(in: -1...1, using: &fine) * work.shift
        }
        return Tensor(shape: [batchSize, hidden], elements: work.notFinite ? values.map { _ in .nan } : values)
    }
}
