extension Diagnosis {
    /// The same draw gave other noise somewhere.
    static let noiseDiffers: Rule = { context in
        let pairs = context.pairs(with: .noise) { _, left, right in left.noise == right.noise }
        return context.oddOnes(pairs, by: { context.cells[$0].digests.noise }) { scope, odd, _, touched in
            let noise = context.cells[odd].noise
            let file = noise.policy == .file
            return Explanation(
                finding: Finding(
                    code: .noiseDiffers, severity: context.severity(of: touched),
                    sentence: "\(scope.words) masked by other noise, though all were to use "
                        + (file ? "the noise of one file." : "draw \(noise.draw) of the same generator."),
                    remedy: file
                        ? "Compare the noise file's `sha256sum` on the nodes."
                        : "The generator is at fault: compare the engine builds, and check the memory of that node."),
                explains: context.explaining(StageSet.masking.union(StageSet([.noise])), in: touched))
        }
    }
}
