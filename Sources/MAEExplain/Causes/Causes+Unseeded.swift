import MAEText
import MAEVerify

/// What the person's program may have done where no draw gives an output.
///
/// That no seed was set cannot be proved from outputs: it is a possibility, told with how to check it, and only where nothing speaks
/// against it.
struct UnseededProgram {
    let evidence: [String]
    let remedy: String
    let python: String?

    /// Nil where something else than draws keeps the output from being recognized.
    init?(_ output: UnrecognizedOutput, in explanation: Explanation) {
        guard output.triedDraws else { return nil }
        let partners = explanation.outputPairs.compactMap { pair -> (index: Int, difference: Double)? in
            guard let difference = pair.difference, pair.left == output.output || pair.right == output.output else {
                return nil
            }
            let other = pair.left == output.output ? pair.right : pair.left
            let isAlike = explanation.unrecognized.contains { $0.output == other && $0.triedDraws }
            return isAlike ? (other, difference) : nil
        }
        func name(_ index: Int) -> String { "`\(explanation.outputs[index].label)`" }
        let seed = Int64(bitPattern: explanation.request.seed)
        let areImagesGiven = explanation.request.pixels != nil
        let ways =
            areImagesGiven
            ? "another seed was set (--seed)" : "another seed was set (--seed), or other images were taken (--images)"
        if let equal = partners.first(where: { $0.difference == 0 }) {
            evidence = [
                "\(name(output.output)) and \(name(equal.index)) are equal, bit for bit: both had the same images and the same noise."
            ]
            remedy =
                "If they are of two runs, the program sets a seed or reads its images and noise: \(ways), or other forward calls came before "
                + "(--draws)."
            python = nil
            return
        }
        evidence =
            partners.max { $0.difference < $1.difference }.map {
                [
                    "\(name(output.output)) and \(name($0.index)) differ by \(NumberText.short($0.difference)), as outputs of a program "
                        + "without a seed do from run to run."
                ]
            } ?? []
        let drawn = areImagesGiven ? "other noise" : "other images and other noise"
        let place = areImagesGiven ? "before the first forward call" : "before the images are drawn"
        remedy =
            "Perhaps no seed was set: each run then draws \(drawn), which cannot be drawn again. To check, run the program twice. If its "
            + "outputs differ, set a seed \(place) and save them once more; if they are equal, \(ways)."
        python = "torch.manual_seed(\(seed))  # \(place)"
    }
}
