import Glibc
import MAEDomain
import MAETensor
import MAEWire
import MAEWorker
import Synchronization
import TestSupport

/// Computes shards that take no time: a few numbers that depend on the seed, or on nothing else.
///
/// A node can be made to differ from a layer on, to fail, or to hold on to its jobs.
final class LightRunner: ShardRunner {
    /// What a node may say falsely of its result.
    enum Lie: CaseIterable { case vectors, width, unnamedWidth, weights }

    enum Habit: Sendable {
        /// Computes as all others do.
        case honest
        /// Another bit flips in each output from this layer on.
        case differs(fromLayer: Int)
        /// Every job fails like this.
        case fails(JobFailure)
        /// Every job goes on until it is cancelled.
        case neverEnds
        /// Every job takes this long.
        case takes(Duration)
        /// Every job stands still, whatever anybody says, until ``release()``.
        case hangs
        /// Every job stands still before it has said anything, until ``release()``; then it is computed.
        case freezes
        /// Says something of its result that is not so.
        case lies(Lie = .vectors)
        /// The first job is computed, and those after it fail like this.
        case failsLater(JobFailure)
        /// The first job fails like this, and nothing can be computed after it.
        case breaks(JobFailure)
    }

    static let layers = 4
    let habit: Habit
    private let counts = Mutex((begun: 0, cancelled: 0))
    private let jobs = Mutex<[JobRequest]>([])
    private let broken = Mutex<JobFailure?>(nil)
    private let isReleased = Mutex(false)

    var breakdown: (any Error)? { broken.withLock(\.self) }

    init(_ habit: Habit = .honest) { self.habit = habit }

    /// Jobs that were begun.
    var begun: Int { counts.withLock { $0.begun } }
    /// The job that was begun first.
    var first: JobRequest? { jobs.withLock(\.first) }
    /// Jobs that saw that they were cancelled.
    var cancelled: Int { counts.withLock { $0.cancelled } }

    func identity(name: String, host: String) -> NodeIdentity {
        NodeIdentity(
            name: name, host: host, backend: "light", device: "none", isa: "none", threads: 1, numericClass: "light",
            engineBuild: "light")
    }

    /// Lets jobs go on that hang.
    func release() { isReleased.withLock { $0 = true } }

    private func waitForRelease() throws {
        try blockUntil("the jobs are let go on") { isReleased.withLock(\.self) }
    }

    func run(_ job: JobRequest, control: ShardControl) throws -> Completed {
        jobs.withLock { $0.append(job) }
        let number = counts.withLock { counts in
            counts.begun += 1
            return counts.begun
        }
        if case .freezes = habit { try waitForRelease() }
        control.report(ShardPlace(.forward, of: Self.layers))
        switch habit {
        case .fails(let error): throw error
        case .failsLater(let error):
            guard number == 1 else { throw error }
            return Self.output(of: job)
        case .breaks(let error):
            broken.withLock { $0 = error }
            throw error
        case .neverEnds:
            var step = 0
            while !control.isCancelled() {
                step += 1
                control.report(ShardPlace(.forward, step: step, layer: "layer.\(step)"))
            }
            counts.withLock { $0.cancelled += 1 }
            throw CancellationError()
        case .takes(let duration):
            let end = ContinuousClock.now + duration
            while ContinuousClock.now < end {
                if control.isCancelled() {
                    counts.withLock { $0.cancelled += 1 }
                    throw CancellationError()
                }
                usleep(1000)
            }
            return Self.output(of: job)
        case .hangs:
            try waitForRelease()
            throw CancellationError()
        case .honest, .freezes, .differs, .lies: return Self.output(of: job, habit)
        }
    }

    /// What a node of this habit answers.
    static func output(of job: JobRequest, _ habit: Habit = .honest) -> Completed {
        let (tokens, hidden) = (3, 2)
        var flip: Float = 0
        if case .differs = habit { flip = 1 }
        let count = job.batchSize * tokens * hidden
        let layernorm = Tensor(
            shape: [job.batchSize, tokens, hidden], elements: (0..<count).map { Float($0) + Float(job.seed) + flip })
        let pooled = Tensor(
            shape: [job.batchSize, hidden],
            elements: (0..<job.batchSize * hidden).map { Float($0) * Float(job.seed) + flip })
        let input = digest("input \(job.seed)")
        var named = pooled.digest()
        if case .lies(.vectors) = habit { named = input }
        let weight = TensorFingerprint(name: "weight", shape: [2], digest: digest("weight"))
        var weights = SHA256Digest(ofWeights: [weight])
        if case .lies(.weights) = habit { weights = input }
        var configuration = [ConfigurationField(name: "hidden_size", value: "2", origin: .configJSON)]
        if case .lies(.width) = habit { configuration[0].value = "3" }
        if case .lies(.unnamedWidth) = habit { configuration = [] }
        var completed = Completed(
            weights: WeightsObservation(
                digest: weights, fingerprints: job.wantsFingerprints ? [weight] : nil),
            digests: StageDigests(
                input: input, noise: digest("noise \(job.seed)"), mask: digest("mask"), order: digest("order"),
                layernorm: layernorm.digest(), returned: layernorm.digest(), pooled: named),
            configuration: configuration, maskRatio: MaskRatio(0.75, from: .defaultValue), seconds: StageSeconds(),
            pooled: TensorPayload(.pooled, pooled), tokens: tokens, hidden: hidden)
        if job.wantsLayernorm { completed.layernorm = TensorPayload(.layernorm, layernorm) }
        completed.layers = LayerDigests(
            (0..<layers).map { layer in
                var name = "\(layer) \(job.seed)"
                if case .differs(let first) = habit, layer >= first { name += " flipped" }
                return digest(name)
            })
        return completed
    }

    private static func digest(_ text: String) -> SHA256Digest { SHA256Digest(of: Array(text.utf8)) }
}
