import MAECheckpoint
import MAEFiles
import MAEFormats
import MAERecording
import MAEText

/// Several files that cannot be read: told at once, and not one after the other.
public struct UnreadableFiles: Error, CustomStringConvertible {
    /// Why each cannot be read; two at least.
    public let all: [CheckpointError]

    /// A line for each.
    public var description: String {
        (["\(NumberText.count(all.count, "file")) cannot be read:"] + all.map { "\($0)" }).joined(separator: "\n")
    }
}

/// What a person gave, sorted into models, outputs and recordings by what is in the files.
struct GivenFiles {
    private(set) var models: [GivenModel] = []
    private(set) var outputs: [RecordedOutput] = []
    private(set) var leftOut: [LeftOutParts] = []
    private(set) var recordings: [GivenRecording] = []

    /// Opens every file; weights are not read yet, and files next to the models are not compared with them.
    ///
    /// - Throws: ``UnreadableFiles`` for those that cannot be read, and ``CheckpointError`` or ``TensorError`` for the first that is
    ///   neither a whole model, nor outputs of one, nor a recording.
    init(_ files: [GivenFile], configuration: String?) throws {
        var budget = OutputBudget()
        var unreadable: [CheckpointError] = []
        for (index, file) in files.enumerated() {
            if FileSystem.isFile(file.reference.path), Recording.isOne(file.reference.path) {
                recordings.append(try GivenRecording(file))
                continue
            }
            do throws(CheckpointError) {
                models.append(
                    GivenModel(
                        try ModelCheckpoint.openUnverified(
                            file.reference, configurationIfNone: configuration, comparesNeighbors: false), file,
                        at: index))
            } catch {
                let found = try Self.outputs(file, unless: error, &budget)
                guard !found.outputs.isEmpty else {
                    guard error.code == .unreadableFile else { throw error }
                    unreadable.append(error)
                    continue
                }
                outputs += found.outputs
                if let parts = found.leftOut { leftOut.append(parts) }
            }
        }
        if unreadable.count > 1 { throw UnreadableFiles(all: unreadable) }
        if let error = unreadable.first { throw error }
        let keys = outputs.map(\.key)
        let keysTell = !keys.contains("") && Set(keys).count == keys.count
        // The key alone, where it tells the outputs apart.
        let labels = ShortNames(
            models.map(\.label) + (keysTell ? keys : outputs.map(\.label)) + recordings.map(\.label)
        ).names
        for index in models.indices { models[index].label = labels[index] }
        for index in outputs.indices { outputs[index].label = labels[models.count + index] }
        for index in recordings.indices { recordings[index].label = labels[models.count + outputs.count + index] }
    }

    /// The outputs in a file that is no model; none when it holds none, or nothing is there.
    private static func outputs(
        _ file: GivenFile, unless error: CheckpointError, _ budget: inout OutputBudget
    ) throws -> RecordedOutputs {
        guard FileSystem.isFile(file.reference.path), file.maskRatio == nil else { return RecordedOutputs() }
        do {
            return try RecordedOutputs(file.reference, &budget)
        } catch let other as CheckpointError where other.code != .overBudget && other.code != .missing {
            // Why it is no model says more.
            throw error
        }
    }
}
