import MAEVerify

/// What a report says beyond the verification, in a document.
struct StoredReportDetails: Codable, Hashable {
    struct Grid: Codable, Hashable {
        var caption: String
        var columns: Int
        var isKept: [Bool]
    }

    var versions: [String: String]
    var startedAt: String?
    var startedAtSeconds: Double?
    var seconds: Double?
    var drainedNodes: [String]
    var command: String?
    var masks: [Grid]

    init(_ details: ReportDetails) {
        (versions, drainedNodes, command) = (details.versions, details.drainedNodes, details.command)
        (startedAt, startedAtSeconds, seconds) = (details.startedAt, details.startedAtSeconds, details.seconds)
        masks = details.masks.map { Grid(caption: $0.caption, columns: $0.columns, isKept: $0.isKept) }
    }

    /// The details as they were; nil for grids of no shape.
    var details: ReportDetails? {
        guard masks.allSatisfy({ (1...max($0.isKept.count, 1)).contains($0.columns) }) else { return nil }
        var details = ReportDetails(
            versions: versions, startedAt: startedAt, seconds: seconds, drainedNodes: drainedNodes)
        (details.startedAtSeconds, details.command) = (startedAtSeconds, command)
        details.masks = masks.map { PatchGrid(caption: $0.caption, columns: $0.columns, isKept: $0.isKept) }
        return details
    }
}
