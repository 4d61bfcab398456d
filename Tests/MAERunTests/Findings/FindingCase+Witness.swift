import Foundation
import MAEDomain
import MAEVerify
import TestSupport

extension FindingCase {
    /// PyTorch as a node, and what only it shows: a worker that says so of itself, and rounds as PyTorch would.
    static let witness = [
        FindingCase("witness", .note, "Node c is PyTorch 2.13.0 itself (transformers 5.23.0, attention sdpa, avx2, ")
            .with {
                $0.evidence = "Against float64, canonical-v1 is off by at most "
                ($0.nodes, $0.suspects) = (["c"], [])
                $0.faults = [.pyTorch]
                $0.plan = { plan, _ in plan.freshSeed = 4711 }
            },
        FindingCase("witness", .note, "Node b is PyTorch 2.13.0 itself (").with {
            $0.evidence = "All loading methods gave it the same bits."
            $0.workers = ["a", "b"]
            $0.faults = [Fault.pyTorch.on("b")]
            $0.plan = { plan, _ in
                (plan.freshSeed, plan.batches, plan.replicas) = (4711, 3, 2)
            }
        },
        reported("training-mode", "PyTorch 2.13.0 ran `full` on node c in training mode, ", 0.5),
        reported("dropout", "PyTorch 2.13.0 ran `full` on node c with dropout at work: ", 0.5),
        reported("half-precision", "PyTorch 2.13.0 computed `full` on node c in fewer bits than fp32, ", 1e-2),
        reported("tf32", "PyTorch 2.13.0 may have computed `full` on node c in TF32, ", 1e-3),
        FindingCase("drawn-weights", .error, "PyTorch 2.13.0 drew weights at random for `state-dict` on node c: ").with
        {
            $0.evidence = " tensors differ: "
            ($0.nodes, $0.methods, $0.suspects) = (["c"], ["state-dict"], [])
            $0.faults = [
                .pyTorch,
                Fault(asks: { $0.checkpoint = Goldens.path("checkpoints/state-wrong.pth") }).on("c").with("state-dict"),
                noticed("drawn-weights", .error).on("c").with("state-dict"),
            ]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        FindingCase("unexpected-keys", .warning, "PyTorch 2.13.0 left out weights of the file for `full` on node c: ")
            .with {
                ($0.nodes, $0.methods) = (["c"], ["full"])
                $0.faults = [.pyTorch, noticed("unexpected-keys", .warning).on("c").with("full")]
            },
        FindingCase("attention", .note, "PyTorch 2.13.0 ran `full` on node c with an attention of its own choice.").with
        {
            $0.evidence = "PyTorch says attention"
            ($0.nodes, $0.methods) = (["c"], ["full"])
            $0.faults = [.pyTorch, noticed("attention", .note).on("c").with("full")]
        },
        // The tokens that it sends are those of the engine that it has here.
        FindingCase("class-gap", .error, "PyTorch 2.13.0 lies further from class canonical-v1 than atol 2e-5 ").with {
            $0.evidence = "After every layer of the encoder the tokens of both sides are within the tolerance, to 0 "
            ($0.nodes, $0.methods, $0.suspects) = (["c"], ["full"], ["c"])
            $0.faults = [.pyTorch, Fault.output { $0 + 0.5 }.on("c").with("full")]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
        // It agrees where answers were known before, and not in the batch that no node could foresee.
        FindingCase("wrong-answer", .error, "Node c gave other answers than this machine computes: ").with {
            ($0.nodes, $0.suspects) = (["c"], ["c"])
            $0.faults = [.pyTorch, Fault.output { $0 + 0.5 }.on("c").inFreshBatchOnly()]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        },
    ]

    private static func noticed(_ code: String, _ severity: Severity) -> Fault {
        .noticed(LoadFinding(code: code, severity: severity, text: "PyTorch says \(code)"))
    }

    /// A cause that a witness reports of its pickled model, whose output is then off by so much.
    private static func reported(_ code: String, _ sentence: String, _ size: Float) -> FindingCase {
        FindingCase(code, .error, sentence).with {
            $0.evidence = "PyTorch says \(code)"
            ($0.nodes, $0.methods, $0.suspects) = (["c"], ["full"], [])
            $0.faults = [
                .pyTorch, Fault.output { $0 + size }.on("c").with("full"),
                noticed(code, .warning).on("c").with("full"),
            ]
            $0.plan = { plan, _ in plan.freshSeed = 4711 }
        }
    }
}

extension Fault {
    /// What makes node c a witness: its class, and outputs with the rounding of another order of sums.
    static let pyTorch = Fault(
        introduces: { node in
            (node.backend, node.isa, node.numericClass) = ("pytorch", "avx2", "torch-2.13.0/sdpa/avx2")
            node.engineBuild = "torch 2.13.0, transformers 5.23.0"
            node.machine = MachineFacts([.init(.torch, "2.13.0"), .init(.transformers, "5.23.0")])
        }, answers: Fault.output { $0 + 1e-6 }.answers
    ).on("c")
}
