import MAEDomain
import MAEVerify

extension FindingCase {
    /// Nodes and methods that compute other bits from the same weights, input and mask.
    static let outliers = [
        FindingCase("output-not-finite", .error, "node c with every loading method computed NaN or infinity (").with {
            $0.nodes = ["c"]
            $0.faults = [Fault.output { _ in .nan }.on("c")]
        },
        FindingCase(
            "rerun-differs", .error,
            "Node c is not repeatable: it ran full, batch 0 4 times and its layernorm changed."
        ).with {
            ($0.nodes, $0.methods) = (["c"], ["full"])
            $0.suspects = ["c"]
            $0.faults = [Fault.output().on("c").with("full").inFirstRunOnly()]
        },
        FindingCase("pooling-differs", .error, "node c with every loading method has the same layernorm output").with {
            $0.nodes = ["c"]
            $0.faults = [Fault.pooling.on("c")]
        },
        FindingCase("hidden-difference", .warning, "The output of node c with every loading method is right, ").with {
            $0.nodes = ["c"]
            $0.evidence = "The first differing layer is `vit.encoder.layer.0`"
            $0.faults = [Fault.hidden(afterLayer: 1).on("c")]
        },
        FindingCase("platform-outlier", .error, "Every node with backend other (d and e) computes other bits").with {
            ($0.nodes, $0.suspects) = (["d", "e"], ["d", "e"])
            $0.workers = ["a", "b", "c", "d", "e"]
            $0.faults = [
                Fault.output().on("d", "e"), Fault(introduces: { $0.backend = "other" }).on("d", "e"),
            ]
            $0.plan = { plan, _ in plan.methods = [.golden("hub5", "hub")] }
        },
        FindingCase(
            "node-outlier", .error,
            "Node c computes other bits than every other node from the same weights, input and mask, with all 3"
        ).with {
            $0.evidence = "; the one before it agrees bit for bit."
            ($0.nodes, $0.suspects) = (["c"], ["c"])
            $0.faults = [Fault.output(fromLayer: 1).on("c")]
        },
        FindingCase("loader-outlier", .error, "`full` on every node computes other bits, though its weights, ").with {
            ($0.methods, $0.suspects) = (["full"], [])
            $0.faults = [Fault.output().with("full")]
        },
        FindingCase("intermittent", .error, "`full` on node c gave other bits once, ").with {
            ($0.nodes, $0.methods) = (["c"], ["full"])
            $0.faults = [Fault.output().on("c").with("full")]
        },
        FindingCase("class-gap", .error, "The numeric classes canonical-").with {
            $0.evidence = "It would pass with --atol "
            $0.faults = [
                Fault.output { $0 + 0.5 }.on("c"), Fault(introduces: { $0.numericClass = "canonical-other" }).on("c"),
            ]
        },
    ]
}
