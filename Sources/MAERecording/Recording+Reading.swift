import MAEFormats
import MAETensor

extension Recording {
    /// Whether a file is a recording; false for any that cannot be read.
    public static func isOne(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path), case .safetensors = ContentKind(of: file.contents),
            let content = try? SafetensorsFile(file)
        else { return false }
        return content.metadata[metadataKey] != nil
    }

    /// Reads the recording at `path`; tensors that were kept whole stay in the file until they are asked for.
    ///
    /// - Throws: ``CheckpointError`` for a file that cannot be read, that is no recording, of a newer layout, or that breaks
    ///   the rules of one; its place names the field.
    public init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        self = try file.read { () throws(CheckpointError) in try Recording(file) }
    }

    private init(_ file: MappedFile) throws(CheckpointError) {
        let content = try SafetensorsFile(file)
        guard let text = content.metadata[Self.metadataKey] else {
            throw CheckpointError(
                .unsupportedFormat, path: file.path,
                "is no recording: its metadata have no `\(Self.metadataKey)`. Record with mae_record.")
        }
        let document = try Self.document(text, path: file.path)
        do throws(RecordingProblem) {
            try self.init(
                document, Dictionary(content.entries.map { ($0.name, $0.tensor) }) { first, _ in first }, file)
        } catch {
            throw error.error(in: file.path)
        }
    }

    private static func document(_ text: String, path: String) throws(CheckpointError) -> JSONValue {
        // Python writes NaN where a setting is one.
        let limits = JSONReader.Limits(
            depth: RecordingLimits.depth, values: RecordingLimits.values, allowsNonFiniteNumbers: true)
        do throws(JSONReader.Problem) {
            return try ByteView(copying: text.utf8).withUnsafeBytes { bytes throws(JSONReader.Problem) in
                try JSONReader.read(bytes, limits: limits)
            }
        } catch {
            throw RecordingProblem("byte \(error.offset) is no JSON: \(error.message).").error(in: path)
        }
    }

    private init(
        _ document: JSONValue, _ tensors: [String: CheckpointTensor], _ file: MappedFile
    ) throws(RecordingProblem) {
        guard document.members != nil else { throw RecordingProblem("is no object.") }
        let schema = try document.whole("schema", in: 1...Int.max)
        guard schema <= Self.newestSchema else {
            throw RecordingProblem(
                "is \(schema), and this program reads \(Self.newestSchema): the recorder is newer. Use the mae-coord that came "
                    + "with it, or record with the mae_record of this version.", at: "schema", code: .unsupportedFormat)
        }
        recorder = try document.textIfAny("recorder") ?? ""
        started = try document.textIfAny("started")
        seconds = try document.numberIfAny("seconds")
        exception = try Self.exception(document)
        let detail = try document.textIfAny("detail") ?? Detail.blocks.rawValue
        guard let detail = Detail(rawValue: detail) else {
            throw RecordingProblem("is neither `blocks` nor `all`.", at: "detail")
        }
        self.detail = detail
        callsLeftOut = try document.count("calls_left_out")
        problems = try document.list("problems", most: RecordingLimits.settings) { value, _ throws(RecordingProblem) in
            try value.asText()
        }
        settings = try document.object("settings", most: RecordingLimits.settings).map {
            Setting(name: $0.key, value: $0.value)
        }
        let models = try document.list("models", most: RecordingLimits.models) { value, _ throws(RecordingProblem) in
            try Model(value)
        }
        self.models = models
        calls = try document.list("calls", most: RecordingLimits.calls) { value, _ throws(RecordingProblem) in
            try Call(value, models, tensors)
        }
        self.tensors = tensors
        path = file.path
        self.file = file
    }

    /// What ended the recording, as the type and message of an exception.
    private static func exception(_ document: JSONValue) throws(RecordingProblem) -> String? {
        let ended = try document.textIfAny("ended") ?? "finished"
        guard ended == "finished" || ended == "exception" else {
            throw RecordingProblem("is neither `finished` nor `exception`.", at: "ended")
        }
        guard ended == "exception" else { return nil }
        guard let exception = document.field("exception") else { return "an exception" }
        if exception.members != nil {
            return try within("exception") { () throws(RecordingProblem) in
                [try exception.textIfAny("type"), try exception.textIfAny("message")].compactMap(\.self)
                    .joined(separator: ": ")
            }
        }
        return try document.text("exception")
    }
}
