import MAEDomain
import MAEStore
import MAEText
import MAEVerify

/// Goes through the runs of one series, night by night.
struct SeriesReading {
    private let title: String
    private let runs: [RunArchive.Run]
    private let archive: RunArchive
    /// Whether a context is that of a witness.
    private let isWitness: [Bool]
    /// Places of nodes in ``nodes``, by their index in the archive.
    private var places: [Int: Int] = [:]
    private var nodes: [NodeHistory] = []
    private var builds: [Int: String] = [:]
    private var outputs: [WorkUnit: Int] = [:]
    private var series: [OutputSeries] = []
    /// Rows of results with other bits than most.
    private(set) var blaming: [Int64] = []

    init(_ title: String, _ runs: [RunArchive.Run], _ archive: RunArchive) {
        (self.title, self.runs, self.archive) = (title, runs, archive)
        isWitness = archive.contexts.map(\.node.isWitness)
    }

    mutating func history() -> SeriesHistory {
        var search = ChangeSearch(archive)
        var changes: [Change] = []
        for (night, run) in runs.enumerated() {
            changes += search.changes(in: run, night: night)
            read(run, night)
        }
        // What one night alone asked has no history: such batches are drawn new each night.
        let lasting = series.filter { runs.count == 1 || $0.entries.count { $0 != nil } > 1 }
        return SeriesHistory(
            title: title, nights: runs.map(SeriesHistory.Night.init),
            nodes: nodes.sorted { NaturalOrder.precedes($0.name, $1.name) }, outputs: lasting, digests: archive.digests,
            changes: changes, badNights: BadNight.all(lasting, changes))
    }

    private mutating func place(_ node: Int) -> Int {
        if let known = places[node] { return known }
        places[node] = nodes.count
        nodes.append(NodeHistory(name: archive.names[node], nights: runs.count))
        return nodes.count - 1
    }

    private mutating func read(_ run: RunArchive.Run, _ night: Int) {
        let results = archive.results[run.results]
        let standards = standards(of: run, night)
        var answered: Set<Int> = []
        var others: [Int: [Int]] = [:]
        var tolerated: Set<Int> = []
        var unsteady: Set<Int> = []
        var times: [Int: (forward: [Double], load: [Double])] = [:]
        var first: [NodeWork: Int] = [:]
        for result in results {
            let node = place(result.node)
            if let forward = result.forward { times[node, default: ([], [])].forward.append(forward) }
            if let load = result.load, load > 0 { times[node, default: ([], [])].load.append(load) }
            answered.insert(node)
            let work = NodeWork(node: node, work: result.work)
            if let known = first[work] {
                if known != result.digest {
                    unsteady.insert(node)
                    blaming.append(result.row)
                }
                continue
            }
            first[work] = result.digest
            guard let standard = standards[result.work], standard.digest != result.digest else { continue }
            switch standing(result, standard, run) {
            case true?: tolerated.insert(node)
            case false?:
                others[result.work, default: []].append(node)
                blaming.append(result.row)
            case nil: break
            }
        }
        record(run, night, standards, others)
        for (node, seconds) in times {
            nodes[node].forward[night] = seconds.forward.isEmpty ? nil : RobustStep.median(seconds.forward)
            nodes[node].load[night] = seconds.load.isEmpty ? nil : RobustStep.median(seconds.load)
        }
        mark(run, night, answered, Set(others.values.joined()), tolerated, unsteady)
    }

    private struct NodeWork: Hashable {
        let node, work: Int
    }

    private struct Standard {
        let digest: Int
        /// Of a node that gave it.
        let cell: Cell
        let numericClass: String
    }

    /// What most nodes gave, by the index of the work: of equally many, what was given in the night before, or else what came first.
    private func standards(of run: RunArchive.Run, _ night: Int) -> [Int: Standard] {
        var votes: [Int: [Int: (count: Int, result: RunArchive.Result)]] = [:]
        var seen: Set<NodeWork> = []
        let results = archive.results[run.results]
        let hasEngines = results.contains { !isWitness[$0.context] }
        for result in results {
            // A witness has no vote where there are others, and no node has two.
            if hasEngines, isWitness[result.context] { continue }
            guard seen.insert(NodeWork(node: result.node, work: result.work)).inserted else { continue }
            votes[result.work, default: [:]][result.digest, default: (0, result)].count += 1
        }
        var standards: [Int: Standard] = [:]
        for (work, digests) in votes {
            let most = digests.values.map(\.count).max() ?? 0
            let leading = digests.filter { $0.value.count == most }
            let unit = WorkUnit(method: run.works[work].method, batch: run.works[work].batch, of: run.plan)
            let before = unit.flatMap { outputs[$0] }.flatMap {
                series[$0].entries[..<night].last { $0 != nil } ?? nil
            }
            let chosen = before.flatMap { leading[$0.digest] } ?? leading.values.min { $0.result.row < $1.result.row }
            guard let result = chosen?.result else { continue }
            standards[work] = Standard(
                digest: result.digest, cell: cell(result, run),
                numericClass: archive.contexts[result.context].node.numericClass)
        }
        return standards
    }

    private func cell(_ result: RunArchive.Result, _ run: RunArchive.Run) -> Cell {
        Cell(
            node: archive.names[result.node], method: run.works[result.work].method, batch: run.works[result.work].batch
        )
    }

    /// Whether other bits than the standard's are within the tolerance; nil where nothing says so.
    ///
    /// Inside a class that promises its bits there is no tolerance.
    private func standing(_ result: RunArchive.Result, _ standard: Standard, _ run: RunArchive.Run) -> Bool? {
        let node = archive.contexts[result.context].node
        if !node.isWitness, node.numericClass == standard.numericClass { return false }
        return run.judgement?.relations.agree(cell(result, run), standard.cell)
    }

    /// Enters what most gave, and who gave something else, into the series of outputs.
    private mutating func record(
        _ run: RunArchive.Run, _ night: Int, _ standards: [Int: Standard], _ others: [Int: [Int]]
    ) {
        for (number, work) in run.works.enumerated() {
            guard let standard = standards[number],
                let unit = WorkUnit(method: work.method, batch: work.batch, of: run.plan)
            else { continue }
            let output = outputs[unit] ?? series.count
            if output == series.count {
                outputs[unit] = output
                series.append(
                    OutputSeries(
                        method: unit.method, batch: unit.batchWords,
                        entries: Array(repeating: nil, count: runs.count)))
            }
            let names = (others[number] ?? []).map { nodes[$0].name }
            series[output].entries[night] = OutputSeries.Entry(
                digest: standard.digest, others: names.sorted(by: NaturalOrder.precedes))
        }
    }

    /// Tells how each node fared.
    private mutating func mark(
        _ run: RunArchive.Run, _ night: Int, _ answered: Set<Int>, _ others: Set<Int>, _ tolerated: Set<Int>,
        _ unsteady: Set<Int>
    ) {
        let lost = run.judgement?.lostNodes ?? []
        let wrong = run.judgement?.wrongNodes ?? []
        let missed = lost.subtracting(nodes.map(\.name))
        for name in missed.sorted(by: NaturalOrder.precedes) {
            nodes.append(NodeHistory(name: name, nights: runs.count))
            if let number = archive.names.firstIndex(of: name) { places[number] = nodes.count - 1 }
        }
        var build: [Int: String] = [:]
        for node in run.nodes { build[place(node.name)] = archive.identities[node.identity].engineBuild }
        for node in nodes.indices {
            let name = nodes[node].name
            let isNew = builds[node].flatMap { known in build[node].map { $0 != known } } ?? false
            builds[node] = build[node] ?? builds[node]
            var reasons: [String] = []
            if others.contains(node) { reasons.append("other bits than most nodes") }
            if unsteady.contains(node) { reasons.append("other bits than itself in a second run") }
            if wrong.contains(name) { reasons.append("another answer than the coordinator's machine") }
            if isNew { reasons.append("build \(build[node] ?? "")") }
            if lost.contains(name) { reasons.append("work was lost") }
            if !reasons.isEmpty { nodes[node].remarks[night] = reasons.joined(separator: "; ") }
            nodes[node].states[night] =
                if others.contains(node) || unsteady.contains(node) || wrong.contains(name) {
                    .otherBits
                } else if lost.contains(name) {
                    .lost
                } else if tolerated.contains(node) {
                    .withinTolerance
                } else if answered.contains(node) {
                    isNew ? .newBuild : .same
                } else {
                    .notRun
                }
        }
    }
}

extension SeriesHistory.Night {
    fileprivate init(_ run: RunArchive.Run) {
        (self.run, label, started, ending) = (run.plan.run, run.night, run.started, run.ending)
        (sentence, stamp) = (run.judgement?.sentence, run.judgement?.stamp)
        var seen: Set<String> = []
        findings = (run.judgement?.findings ?? []).filter { $0.severity > .note }.map(\.code)
            .filter { seen.insert($0).inserted }
        errors = (run.judgement?.float64 ?? []).reduce(into: [:]) { errors, check in
            for side in [check.left, check.right] { errors[side.name] = max(errors[side.name] ?? 0, side.maximum) }
        }
    }
}
