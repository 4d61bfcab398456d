import MAETensor
import MAEVerify

/// Runs that are one after the other of the same kind, such as those of every night: a change of verdict is one among them.
///
/// Runs whose names have a date in them are of the series of what is in front of it: `night-2026-01-31` is of `night`. All others,
/// those that were given no name among them, are of one series when they verify the same by the same plan.
public struct RunSeries: Sendable, Hashable {
    /// What names the series in files; short, whatever the plan is.
    public let key: String

    /// The series of the run of a plan; `images` is where its images are, for a plan into which they were not read.
    public init(_ plan: RunPlan, images: String? = nil) {
        // The name that a run gets by itself has a date too, and says nothing of what is verified.
        if let name = Self.partBeforeDate(plan.run), name != "run" {
            key = "name:\(name)"
        } else {
            key =
                "plan:\(SHA256Digest(of: Array(Self.words(of: plan, plan.images?.path ?? images).joined(separator: "\0").utf8)))"
        }
    }

    /// The part of a name before a date of the form 2026-01-31 or 20260131, without the separator; nil without such a part.
    static func partBeforeDate(_ name: String) -> String? {
        guard let date = name.firstMatch(of: /(?:^|[^0-9])(20[0-9]{2}-?[01][0-9]-?[0-3][0-9])(?![0-9])/) else {
            return nil
        }
        var part = name[..<date.output.1.startIndex]
        while let last = part.last, "-_. T".contains(last) { part.removeLast() }
        return part.isEmpty ? nil : String(part)
    }

    /// Without the number of batches: it may come of the images.
    private static func words(of plan: RunPlan, _ images: String?) -> [String] {
        var words = ["\(plan.seed)", "\(plan.batchSize)", plan.noise.rawValue, plan.noiseFile ?? ""]
        words += [plan.maskRatio.map { "\($0)" } ?? "", images ?? ""]
        words += [plan.replicas.map { "\($0)" } ?? ""]
        for method in plan.methods {
            words += [method.label, method.path, method.weights ?? "", method.configPath ?? ""]
            words += [method.maskRatio.map { "\($0)" } ?? ""]
        }
        return words
    }
}
