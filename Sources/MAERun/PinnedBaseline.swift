import MAEVerify

/// A baseline that a run is set against, with the file that it came from.
public struct PinnedBaseline: Sendable {
    /// The baseline.
    public let baseline: Baseline
    /// Its file, as the person named it.
    public let file: String

    /// A baseline from a file.
    public init(_ baseline: Baseline, file: String) {
        (self.baseline, self.file) = (baseline, file)
    }

    /// Throws ``BaselineError`` when a run of this plan cannot be set against it.
    public func requireFit(_ plan: RunPlan) throws(BaselineError) {
        guard let obstacle = baseline.obstacle(to: plan) else { return }
        throw BaselineError(
            "\(file): this baseline, of run \(baseline.run), does not fit: \(obstacle). Run what was pinned, or leave the baseline "
                + "out once and pin a run of the new plan: mae-coord baseline pin RUN -o FILE")
    }
}
