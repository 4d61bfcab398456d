import MAEDomain
import MAEStore
import MAETensor
import MAEText
import MAEVerify

/// Finds what is otherwise than in the night before, run by run: of a node, than in the last night that it took part in.
struct ChangeSearch {
    private struct Origin: Hashable {
        let node: Int
        let method: Int
    }

    private let archive: RunArchive
    private var plan: RunPlan?
    private var identities: [Int: Int] = [:]
    private var contexts: [Origin: Int] = [:]
    /// Numbers of methods, by their labels.
    private var methods: [String: Int] = [:]

    init(_ archive: RunArchive) { self.archive = archive }

    /// What changed with `run`, which is night number `night`.
    mutating func changes(in run: RunArchive.Run, night: Int) -> [Change] {
        var found = Found(night: night)
        if let plan { found.add(plan, run.plan) }
        plan = run.plan
        for node in run.nodes {
            if let known = identities[node.name], known != node.identity {
                found.add(archive.identities[known], archive.identities[node.identity], archive.names[node.name])
            }
            identities[node.name] = node.identity
        }
        let origins = run.works.map { run.plan.isFresh($0.batch) ? nil : number(of: $0.method) }
        var seen: Set<Origin> = []
        for result in archive.results[run.results] {
            guard let method = origins[result.work] else { continue }
            let origin = Origin(node: result.node, method: method)
            guard seen.insert(origin).inserted else { continue }
            if let known = contexts[origin], known != result.context {
                found.add(archive.contexts[known], archive.contexts[result.context])
            }
            contexts[origin] = result.context
        }
        return found.changes
    }

    private mutating func number(of method: String) -> Int {
        let number = methods[method] ?? methods.count
        methods[method] = number
        return number
    }
}

/// The changes of one night, those of several nodes together.
private struct Found {
    let night: Int
    private(set) var changes: [Change] = []
    private var numbers: [Change.Key: Int] = [:]

    init(night: Int) { self.night = night }

    private mutating func note(
        _ what: String, _ from: String?, _ to: String?, at subject: String? = nil, node: String? = nil
    ) {
        guard from != to else { return }
        let key = Change.Key(what: what, subject: subject, from: from, to: to)
        let nodes = node.map { [$0] } ?? []
        if let number = numbers[key] {
            if !changes[number].nodes.contains(where: nodes.contains) { changes[number].nodes += nodes }
        } else {
            numbers[key] = changes.count
            changes.append(Change(key, night: night, nodes: nodes))
        }
    }

    /// What two runs were to do.
    mutating func add(_ before: RunPlan, _ now: RunPlan) {
        for files in RunComparison.changedFiles(before, now) {
            let digests = [before, now].map { $0.files(files.role, at: files.path)?.digest.short }
            note(files.role.rawValue, digests[0], digests[1], at: "\(files.path): \(NumberText.list(files.names))")
        }
        let methods = Dictionary(before.methods.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        for method in now.methods {
            guard let known = methods[method.label] else { continue }
            note("path", known.path, method.path, at: method.label)
            note("configuration path", known.configPath, method.configPath, at: method.label)
        }
        note("batch size", "\(before.batchSize)", "\(now.batchSize)")
        note("noise", before.noise.rawValue, now.noise.rawValue)
    }

    /// A node, and what it was before.
    mutating func add(_ before: NodeIdentity, _ now: NodeIdentity, _ node: String) {
        let entries = MachineDifference(between: [before], and: [now]).entries
        for entry in entries { note(entry.name, entry.here.first ?? nil, entry.there.first ?? nil, node: node) }
        note("numeric class", before.numericClass, now.numericClass, node: node)
        note("host", before.host, now.host, node: node)
        // A node that tells nothing of its machine still tells these.
        guard entries.isEmpty else { return }
        note("engine build", before.engineBuild, now.engineBuild, node: node)
        note("device", before.device, now.device, node: node)
        note("instruction set", before.isa, now.isa, node: node)
    }

    /// What the results of a node and method have in common, and what they had before.
    mutating func add(_ before: Observation, _ now: Observation) {
        let (method, node) = (now.method.label, now.node.name)
        note("weights", before.weights.digest.short, now.weights.digest.short, at: method, node: node)
        let known = Dictionary(
            before.configuration.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        for field in now.configuration {
            if let value = known[field.name] { note(field.name, value, field.value, at: method, node: node) }
        }
        let ratios = [before, now].map { NumberText.short($0.maskRatio.value) }
        note("mask_ratio", ratios[0], ratios[1], at: method, node: node)
    }
}

extension SHA256Digest {
    /// The first 12 digits.
    var short: String { String("\(self)".prefix(12)) }
}
