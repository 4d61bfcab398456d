import MAEFormats

extension ModuleAudit {
    /// How far a scaling may be from that of the head width, relative to it: it may be kept in single precision.
    private static let scalingTolerance = 1e-6

    /// Notes the number of heads of an attention, and checks that it scales its scores as a ViT-MAE does.
    mutating func lookAtAttention(_ place: ModulePlace, in part: ParameterLayout.Part) throws(CheckpointError) {
        guard let width = projectionWidth(of: place) else { return }
        if place.module.attribute("is_causal")?.bool == true {
            throw refusal(
                place,
                "is causal: a patch does not see later ones. Set is_causal to False and save the model again, or "
                    + "compute it with the program it was made with.")
        }
        let count = place.number("num_attention_heads") ?? place.number("num_heads")
        let headWidth = place.number("head_dim") ?? place.number("attention_head_size")
        guard let headWidth = headWidth ?? count.map({ Double(width) / $0 }), headWidth >= 1 else { return }
        let heads = Double(width) / headWidth
        // transformers 5 parts rows by head_dim alone; the others need both numbers, which must fit then.
        let isByWidthAlone =
            place.number("head_dim") != nil && place.module.className?.hasPrefix("transformers.") == true
        guard heads == heads.rounded(), isByWidthAlone || count == nil || count == heads else {
            throw refusal(
                place,
                "has \(count.map { "\(Int($0))" } ?? "some") heads \(headWidth) wide, which do not make up the "
                    + "\(width) rows of its queries, so PyTorch cannot compute it either. Save the model as it was built."
            )
        }
        note(headCount: Int(heads), of: part, at: place.name)
        let expected = 1 / headWidth.squareRoot()
        guard let scaling = place.number("scaling") ?? place.number("scale"),
            abs(scaling - expected) > Self.scalingTolerance * expected
        else { return }
        throw refusal(
            place,
            "scales attention scores by \(scaling), not by \(expected) (one over the root of the head width), which is "
                + "what is computed here. Multiply weight and bias of its queries by \(scaling / expected), set the "
                + "scaling to \(expected) and save the model again: it computes the same then.")
    }

    /// Rows of the queries of an attention; nil for a module without them.
    private func projectionWidth(of place: ModulePlace) -> Int? {
        let prefix = String(place.local)
        for name in ["q_proj.weight", "query.weight"] {
            if let rows = entries[prefix + name]?.shape.first { return rows }
        }
        return entries[prefix + "qkv.weight"]?.shape.first.map { $0 / 3 }
    }
}
