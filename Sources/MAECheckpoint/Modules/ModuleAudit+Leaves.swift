import MAEFormats

extension ModuleAudit {
    private static let normClasses: Set<String> = [
        "LayerNorm", "FusedLayerNorm", "MixedFusedLayerNorm", "LayerNormFp32",
    ]
    private static let linearClasses: Set<String> = [
        "torch.nn.modules.linear.Linear", "torch.nn.modules.linear.NonDynamicallyQuantizableLinear",
    ]
    private static let convolutionClass = "torch.nn.modules.conv.Conv2d"

    /// Checks that a module with parameters is of the kind that a ViT-MAE has there.
    mutating func lookAtLeaf(_ place: ModulePlace, holding canonical: String) throws(CheckpointError) {
        // A wrapper holds the module itself inside; what it adds is judged by its parameters.
        guard !place.isWrapper else { return }
        if canonical.contains("norm") {
            guard Self.normClasses.contains(place.className) else { throw wrongKind(place, "a LayerNorm") }
            if let epsilon = place.number("eps") { note(epsilon: epsilon, at: place.name) }
        } else if canonical.hasSuffix("patch_embeddings.projection") {
            guard place.module.className == Self.convolutionClass else { throw wrongKind(place, "a Conv2d") }
            try requirePatchProjection(place)
        } else if !Self.linearClasses.contains(place.module.className ?? "") {
            throw wrongKind(place, "a Linear")
        }
    }

    private func wrongKind(_ place: ModulePlace, _ expected: String) -> CheckpointError {
        refusal(
            place,
            "is \(place.kind) where a ViT-MAE has \(expected), so PyTorch computes another model. Compute it with the "
                + "program it was made with, or put \(expected) there and save the model again.")
    }

    /// Patches lie side by side: the stride is the kernel, and nothing else moves or spreads them.
    private func requirePatchProjection(_ place: ModulePlace) throws(CheckpointError) {
        func numbers(_ name: String) -> [Double]? {
            guard let value = place.module.attribute(name) else { return nil }
            return value.sequence?.compactMap { $0.number?.double } ?? value.number.map { [$0.double] }
        }
        let checks: [(name: String, isPlain: Bool)] = [
            ("stride", numbers("stride") == numbers("kernel_size")),
            ("padding", numbers("padding")?.allSatisfy { $0 == 0 } ?? true),
            ("dilation", numbers("dilation")?.allSatisfy { $0 == 1 } ?? true),
            ("groups", numbers("groups")?.allSatisfy { $0 == 1 } ?? true),
        ]
        guard let wrong = checks.first(where: { !$0.isPlain }) else { return }
        throw refusal(
            place,
            "has a \(wrong.name) that no patch projection of a ViT-MAE has. Compute the model with the program it was "
                + "made with.")
    }
}
