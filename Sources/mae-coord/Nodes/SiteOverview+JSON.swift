import Foundation
import MAECommand
import MAEStore

extension SiteOverview {
    /// The overview for programs, ending in a newline; docs/operations.md describes the fields.
    var json: String {
        get throws {
            try Document(self).json(snakeCase: true) + "\n"
        }
    }

    private struct Document: Encodable {
        let schema = 1
        let run: Run?
        let nodes: [Node]
        let drains: [Drain]

        init(_ overview: SiteOverview) {
            run = overview.run.map { Run($0, isUnderWay: overview.isUnderWay) }
            nodes = overview.nodes.map { Node($0, isDrainOrdered: overview.isToBeDrained($0)) }
            drains = overview.drains.map { Drain(node: $0.node, since: $0.since) }
        }
    }

    private struct Run: Encodable {
        let name: String
        let underWay: Bool
        let startedAt: Date
        let aliveAt, endedAt: Date?
        let verdict: String?

        init(_ run: RunRecord, isUnderWay: Bool) {
            (name, underWay, startedAt) = (run.plan.run, isUnderWay, run.started)
            (aliveAt, endedAt, verdict) = (run.alive, run.ending?.time, run.ending?.verdict)
        }
    }

    private struct Node: Encodable {
        let name, host, backend, device, isa: String
        let threads: Int
        let numericClass, engineBuild: String
        let classReason, state, cause: String?
        let machine: [Fact]?
        let lastSeen: Date?
        let drainOrdered: Bool
        let results: Int
        let imagesPerSecond: Double?
        let jobs: Int
        let job: Job?

        init(_ node: NodeRecord, isDrainOrdered: Bool) {
            let identity = node.identity
            (name, host, backend) = (identity.name, identity.host, identity.backend)
            (device, isa, threads) = (identity.device, identity.isa, identity.threads)
            (numericClass, engineBuild) = (identity.numericClass, identity.engineBuild)
            (classReason, state, cause) = (identity.classReason, node.status?.state.rawValue, node.status?.cause)
            machine = identity.machine?.facts.map { Fact(name: $0.name, value: $0.value) }
            (lastSeen, drainOrdered) = (node.status?.heard, isDrainOrdered)
            (results, imagesPerSecond) = (node.results, node.imagesPerSecond)
            jobs = node.status?.jobs ?? 0
            job = node.status?.job.map { Job(method: $0.method, batch: $0.batch) }
        }
    }

    private struct Fact: Encodable {
        let name, value: String
    }

    private struct Job: Encodable {
        let method: String
        let batch: Int
    }

    private struct Drain: Encodable {
        let node: String
        let since: Date
    }
}
