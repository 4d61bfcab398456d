import MAEVerify

/// What a report says beyond the verification, in a document.
struct StoredReportDetails: Codable, Hashable {
    struct Grid: Codable, Hashable {
        var caption: String
        var columns: Int
        var isKept: [Bool]
    }

    struct Baseline: Codable, Hashable {
        var file: String
        var run: String
        var held: Int
        var changed: Int
        var unchecked: Int
    }

    var versions: [String: String]
    var startedAt: String?
    var startedAtSeconds: Double?
    var seconds: Double?
    var drainedNodes: [String]
    var command: String?
    var masks: [Grid]
    /// Nil where the run was set against no baseline.
    var baseline: Baseline?

    init(_ details: ReportDetails) {
        (versions, drainedNodes, command) = (details.versions, details.drainedNodes, details.command)
        (startedAt, startedAtSeconds, seconds) = (details.startedAt, details.startedAtSeconds, details.seconds)
        masks = details.masks.map { Grid(caption: $0.caption, columns: $0.columns, isKept: $0.isKept) }
        baseline = details.baseline.map {
            Baseline(file: $0.file, run: $0.run, held: $0.held, changed: $0.changed, unchecked: $0.unchecked)
        }
    }

    /// The details as they were; nil for grids of no shape.
    var details: ReportDetails? {
        guard masks.allSatisfy({ (1...max($0.isKept.count, 1)).contains($0.columns) }) else { return nil }
        var details = ReportDetails(
            versions: versions, startedAt: startedAt, seconds: seconds, drainedNodes: drainedNodes)
        (details.startedAtSeconds, details.command) = (startedAtSeconds, command)
        details.masks = masks.map { PatchGrid(caption: $0.caption, columns: $0.columns, isKept: $0.isKept) }
        details.baseline = baseline.map {
            BaselineSummary(
                file: $0.file, run: $0.run, held: $0.held, changed: $0.changed, unchecked: $0.unchecked)
        }
        return details
    }
}
