import MAEFiles
import MAEFormats
import MAERecording

/// A recording of PyTorch that a person gave, read.
public struct GivenRecording: Sendable {
    /// What it is called in reports: as much of the end of its path as tells it from the others.
    public internal(set) var label: String
    /// What was recorded.
    public let recording: Recording
    /// When the file was written, in seconds since 1970; nil when the file system does not say.
    public let modified: Double?

    /// Number of images that the first call with images was given; nil without one.
    var images: Int? {
        recording.calls.lazy.compactMap { call in
            call.modules.first?.inputs.first { $0.shape.count == 4 && $0.isFloatingPoint }?.shape.first
        }.first { $0 > 0 }
    }

    /// Reads a file, of which no part and no ratio can be chosen.
    ///
    /// - Throws: ``CheckpointError`` for a file that cannot be read or breaks the rules of a recording.
    init(_ file: GivenFile) throws(CheckpointError) {
        let path = file.reference.path
        guard file.reference.weights == nil, file.maskRatio == nil else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "is a recording of PyTorch, and all of it is compared: give it without #KEY and without @mask_ratio.")
        }
        label = path
        recording = try Recording(path: path)
        modified = FileSystem.modificationTime(path)
    }
}

/// One outermost call among all recordings.
public struct RecordedCallID: Sendable, Hashable {
    /// Index of the recording.
    public let recording: Int
    /// Number of the call in it, counted from 0.
    public let call: Int
}
