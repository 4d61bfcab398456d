import Foundation

/// The seeds that a test with random inputs runs through.
public enum RandomSeeds {
    /// Those of `usual`, a sample of them (see ``Sampling``), or the one that the environment variable `MAE_SEED` names.
    public static func wanted(_ usual: Range<UInt64>) -> [UInt64] {
        ProcessInfo.processInfo.environment["MAE_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? usual.sampled(10)
    }
}
