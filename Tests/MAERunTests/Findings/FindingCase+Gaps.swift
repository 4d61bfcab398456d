import Foundation
import MAEDomain
import MAEStore
import MAEVerify

extension FindingCase {
    /// What a run lacks, and what it does not prove.
    static let gaps = [
        FindingCase("work-failed", .warning, "Node c did not deliver `full` batch 0: no memory").with {
            ($0.nodes, $0.methods) = (["c"], ["full"])
            $0.evidence = "Failure code: `failed` (`outOfMemory` of its engine)."
            let failure = JobFailure(code: "outOfMemory", message: "no memory", fault: .node)
            $0.faults = [Fault.failure(failure).on("c").with("full")]
        },
        FindingCase("work-failed", .warning, "Node ").with {
            $0.methods = ["full"]
            $0.workers = ["a", "b"]
            let failure = JobFailure(code: "malformed", message: "no such tensor", fault: .input)
            $0.faults = [Fault.failure(failure).with("full")]
        },
        FindingCase("nodes-missing", .warning, "1 of 2 nodes took part.").with {
            $0.alongside = ["work-failed"]
            $0.workers = ["a"]
            $0.interruptedAfter = 3
            $0.plan = { plan, _ in plan.workers = 2 }
        },
        // It is there, so starting it is no remedy.
        FindingCase("nodes-missing", .warning, "2 of 3 nodes delivered results.").with {
            $0.evidence = "c was there, and none of its shards gave a result."
            $0.remedy = "Correct what went wrong on c and carry on with --resume night."
            $0.alongside = ["work-failed"]
            $0.faults = [Fault.failure(JobFailure(code: "outOfMemory", message: "no memory", fault: .node)).on("c")]
        },
        FindingCase("slow-node", .note, "Node c took much longer than the others: ").with {
            $0.evidence = " times as long."
            $0.nodes = ["c"]
            $0.faults = [Fault(answers: { $0.seconds.forward += 100 }).on("c")]
        },
        FindingCase("nodes-missing", .warning, "1 of 2 nodes took part.").with {
            $0.evidence = "b was there, and was told to drain."
            $0.alongside = ["work-failed"]
            $0.workers = ["a", "b"]
            $0.interruptedAfter = 3
            $0.plan = { _, folder in
                _ = try Store(directory: folder.file("store"), access: .ordering).drain("b", at: Date())
            }
        },
        FindingCase("nodes-not-tied", .warning, "Nothing ties nodes ").with {
            $0.workers = ["a", "b", "c", "d"]
            $0.plan = { plan, _ in
                (plan.batches, plan.replicas) = (2, 2)
                plan.methods = [.golden("hub5", "hub")]
            }
        },
        FindingCase("pairs-not-met", .note, "1 of 3 pairs of nodes share no batch: ").with {
            $0.plan = { plan, _ in
                (plan.batches, plan.replicas) = (2, 2)
                plan.methods = [.golden("hub5", "hub")]
            }
        },
        FindingCase("one-node", .note, "Only node a took part: ").with { $0.workers = ["a"] },
        FindingCase("engine-builds", .note, "The nodes run 2 builds of the engine: ").with {
            $0.workers = ["a", "b"]
            $0.faults = [Fault(introduces: { $0.engineBuild = "other" }).on("b")]
        },
    ]
}
