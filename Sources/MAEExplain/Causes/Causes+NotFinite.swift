import MAECheckpoint
import MAEFormats
import MAETensor
import MAEText
import MAEVerify

extension Explanation {
    /// Models whose outputs hold NaN or infinity.
    var modelsNotFinite: [Finding] {
        guard let prediction else { return [] }
        var seen: Set<Int> = []
        return prediction.calls.indices.compactMap { call in
            let pooled = prediction.calls[call].pooled
            guard !pooled.isFinite, seen.insert(models[calls[call]].group).inserted else { return nil }
            return notFinite(models[calls[call]], pooled)
        }
    }

    private func notFinite(_ model: GivenModel, _ pooled: Tensor) -> Finding {
        let names = NumberText.list(labels(ofGroup: model.group).map { "`\($0)`" })
        let bad = model.nonFiniteEncoderWeights
        let evidence: String
        let remedy: String
        if let first = bad.first {
            evidence =
                "The first weights that are not finite are in \(first.name): \(first.nonFiniteCount) of "
                + "\(first.shape.reduce(1, *)); \(NumberText.count(bad.count, "tensor")) of the encoder in all."
            remedy = "Load weights from before they became NaN: training went wrong, or the file was damaged."
        } else if request.pixels.map({ !$0.isFinite }) ?? false {
            evidence = "The images given hold NaN or infinity; the weights are finite."
            remedy = "Look at how the images were preprocessed: a division by a standard deviation of 0 does this."
        } else {
            evidence = "All weights of the encoder are finite, so their products leave the range of fp32."
            remedy = "Look for weights that are far too large: the learning rate was too high, or the file was damaged."
        }
        return Finding(
            code: .outputNotFinite, severity: .error,
            sentence:
                "The outputs of \(names) are not finite: \(pooled.nonFiniteCount) of \(pooled.count) values of the means "
                + "over the tokens are NaN or infinite, which agree with nothing.",
            evidence: [evidence], remedy: remedy,
            python: "[name for name, value in model.state_dict().items() if not value.isfinite().all()]")
    }

    /// Outputs of the person's program that hold NaN or infinity.
    var outputsNotFinite: [Finding] {
        outputs.compactMap { output in
            let bad = output.values.nonFiniteCount
            guard bad > 0 else { return nil }
            return Finding(
                code: .outputNotFinite, severity: .error,
                sentence:
                    "`\(output.label)` is not finite: \(bad) of its \(output.values.count) values are NaN or infinite, which "
                    + "agree with nothing.",
                remedy: "Look at the weights and the images of the model that it came from.",
                python: "[name for name, value in model.state_dict().items() if not value.isfinite().all()]")
        }
    }
}

extension GivenModel {
    /// The encoder's tensors that hold NaN or infinity, in the order of the model.
    fileprivate var nonFiniteEncoderWeights: [WeightsFingerprints.Entry] {
        let bad = fingerprints?.entries.filter { $0.nonFiniteCount > 0 } ?? []
        return checkpoint.layout.parameters.filter { $0.part == .encoder }.compactMap { parameter in
            bad.first { $0.name == parameter.name }
        }
    }
}
