import MAEFormats

/// What is wrong in a recording, and in which field: a place is put together on the way out.
struct RecordingProblem: Error {
    let code: CheckpointError.Code
    private(set) var place: String
    let message: String

    init(_ message: String, at place: String = "", code: CheckpointError.Code = .malformedFile) {
        self.code = code
        self.place = place
        self.message = message
    }

    /// The same problem, seen from a field that holds the one at ``place``.
    func within(_ field: String) -> RecordingProblem {
        RecordingProblem(
            message, at: place.isEmpty ? field : place.hasPrefix("[") ? field + place : "\(field).\(place)", code: code)
    }

    /// The problem as it is told of a file.
    func error(in path: String) -> CheckpointError {
        CheckpointError(
            code, path: path, place: place.isEmpty ? "mae_record" : "mae_record: \(place)",
            message + (code == .malformedFile ? " The recording is damaged; record again." : ""))
    }
}

/// Says where `body` went wrong.
func within<Result>(
    _ field: @autoclosure () -> String, _ body: () throws(RecordingProblem) -> Result
) throws(RecordingProblem) -> Result {
    do throws(RecordingProblem) {
        return try body()
    } catch {
        throw error.within(field())
    }
}
