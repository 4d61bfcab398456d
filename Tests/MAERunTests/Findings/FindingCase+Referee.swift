import Foundation
import MAEDomain
import MAEVerify
import TestSupport

extension FindingCase {
    /// What comes of setting answers against those that the coordinator computes.
    static let referee = [
        FindingCase(
            "wrong-answer", .error, "Node c gave other answers than this machine computes: what it hands in is not what"
        ).with {
            $0.evidence =
                "c: 3 of 3 answers to the batch of this run alone (seed 4711) are wrong (`full` differs at "
            // Its answers to the batches that all have are right, and marked all the same.
            ($0.nodes, $0.suspects) = (["c"], ["c"])
            $0.faults = [Fault.output().on("c").inFreshBatchOnly()]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        // Two that are wrong alike do not make the third the odd one.
        FindingCase("input-differs", .error, "nodes a and b ").with {
            $0.evidence = "This machine computed what was drawn for the run: "
            ($0.nodes, $0.suspects) = (["a", "b"], ["a", "b"])
            $0.faults = [
                Fault.output().on("a", "b").inFreshBatchOnly(),
                Fault(asks: { $0.seed = $0.batchSize == 1 ? $0.seed : 7 }).on("a", "b"),
            ]
            $0.plan = { plan, _ in
                plan.freshSeed = 4711
                plan.methods = [RunSite.methods[1]]
            }
        },
        // Of two classes that lie too far apart, the one is named that is wrong in its own.
        FindingCase("wrong-answer", .error, "Node a gave other answers than this machine computes").with {
            $0.nodes = ["a"]
            $0.workers = ["a", "b"]
            $0.alongside = ["class-gap", "class-claimed"]
            $0.faults = [
                Fault.output { $0 + 0.5 }.on("a"), Fault(introduces: { $0.numericClass = "other" }).on("b"),
            ]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        FindingCase("wrong-answer", .error, "No node gave the answers that this machine computes").with {
            // This machine may be the one at fault.
            ($0.nodes, $0.suspects) = (["a", "b"], [])
            $0.workers = ["a", "b"]
            $0.faults = [Fault.output().inFreshBatchOnly()]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        // A refused question is a missing result.
        FindingCase("work-failed", .warning, "Node c did not deliver `full` the batch drawn for this run: no").with {
            ($0.nodes, $0.methods) = (["c"], ["full"])
            $0.faults = [
                Fault.failure(JobFailure(message: "no", fault: .node)).on("c").with("full").inFreshBatchOnly()
            ]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        FindingCase("work-failed", .warning, "Node ").with {
            $0.methods = ["hub"]
            $0.faults = [Fault.failure(JobFailure(message: "no", fault: .node)).inFreshBatchOnly()]
            $0.plan = { plan, _ in
                (plan.freshSeed, plan.batches, plan.replicas) = (4711, 3, 2)
                plan.methods = [.golden("hub5", "hub")]
            }
        },
        // A node that is blamed already is not blamed twice.
        FindingCase("node-outlier", .error, "Node b computes other bits than every other node from the same").with {
            $0.evidence = "This machine computed what was drawn for the run: "
            ($0.nodes, $0.suspects) = (["b"], ["b"])
            $0.workers = ["a", "b"]
            $0.faults = [Fault.output().on("b")]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        FindingCase(
            "answers-unchecked", .note, "This machine did not compute any answer by `full` itself: `"
        ).with {
            $0.workers = ["a", "b"]
            $0.plan = { plan, folder in
                let copy = folder.file("model.pth")
                try FileManager.default.copyItem(atPath: RunSite.methods[1].path, toPath: copy)
                plan.freshSeed = 4711
                plan.methods = [LoadingMethod(kind: .full, label: "full", path: copy)]
            }
            $0.afterResults = { folder in
                let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("model.pth")))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data([0]))
                try handle.close()
            }
        },
        FindingCase("class-claimed", .warning, "Node c says that it computes in class canonical-mine: ").with {
            $0.evidence = "Its answers lie up to 1e-5 from those of this machine."
            $0.faults = [
                Fault.output { $0 + 1e-5 }.on("c"), Fault(introduces: { $0.numericClass = "canonical-mine" }).on("c"),
            ]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
    ]
}
