import MAEDomain
import MAEWire
import MAEWorker
import Synchronization

/// The real engine with faults: it changes what is computed, or what is reported of it.
final class FaultyRunner: ShardRunner {
    private let engine: EngineRunner
    private let faults: [Fault]
    private let begun = Mutex<Set<String>>([])

    /// A runner for the node of this name, which has those of `faults` that concern it.
    init(_ engine: EngineRunner, node: String, faults: [Fault]) {
        self.engine = engine
        self.faults = faults.filter { $0.nodes?.contains(node) ?? true }
    }

    func identity(name: String, host: String) -> NodeIdentity {
        var identity = engine.identity(name: name, host: host)
        for fault in faults { fault.introduces(&identity) }
        return identity
    }

    func run(_ job: JobRequest, control: ShardControl) throws -> Completed {
        let isFirst = begun.withLock { $0.insert("\(job.label) \(job.batchIndex)").inserted }
        let faults = faults.filter { $0.concerns(job, isFirst: isFirst) }
        var asked = job
        // A fault changes the outputs and their digests together, whatever of them is sent.
        asked.wantsLayernorm = true
        asked.wantsFingerprints = true
        for fault in faults { try fault.asks(&asked) }
        var completed = try engine.run(asked, control: control)
        for fault in faults { fault.answers(&completed) }
        if !job.wantsLayernorm { completed.layernorm = nil }
        if !job.wantsFingerprints { completed.weights.fingerprints = nil }
        return completed
    }
}
