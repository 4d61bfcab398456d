import Foundation

/// Loads of the forms of one checkpoint, each in a process of its own.
struct Loads {
    /// One load, and the same by `mae-coord infer`.
    struct Load {
        let record: LoadRecord
        let infer: ChildProcess
        /// By an earlier build, where one was named.
        let before: LoadRecord?
    }

    let forms: CheckpointForms
    /// A `config.json` that the user named.
    let configuration: String?
    /// What both programs are told about batch and processor.
    let options: [String]
    /// mae-bench of an earlier build, which takes turns with this one.
    var earlier: String?

    /// Loads a form, here and by `mae-coord infer`.
    func load(_ form: CheckpointForms.Form) throws -> Load {
        let shared = options + ((configuration ?? form.configuration).map { ["--config", $0] } ?? [])
        let record = try load(form, by: try ChildProcess.path(of: "mae-bench"), shared)
        let before = try earlier.map { try load(form, by: $0, shared) }
        let infer = try forms.coordinate(["infer", "--model", form.path, "--output", output] + shared)
        return Load(record: record, infer: infer, before: before)
    }

    private func load(_ form: CheckpointForms.Form, by program: String, _ options: [String]) throws -> LoadRecord {
        let process = try ChildProcess(
            program, ["load-once", form.path, "--started-at", "\(ChildProcess.now)"] + options, folder: forms.folder)
        return try JSONDecoder().decode(LoadRecord.self, from: process.output)
    }

    /// Loads every form once, untimed.
    ///
    /// - Returns: the record of the first form.
    /// - Throws: ``WrongResult`` when two forms differ in weights or layer norm, or `mae-coord infer` does.
    func agreeingRound() throws -> LoadRecord {
        var first: LoadRecord?
        for form in forms.all {
            let record = try load(form).record
            let inferred = try JSONDecoder().decode(
                Summary.self, from: Data(contentsOf: URL(fileURLWithPath: output + "/summary.json")))
            let expected = first ?? record
            first = expected
            for (name, pair) in [
                ("weights", (record.weights_sha256, expected.weights_sha256)),
                ("layer norm", (record.layernorm_sha256, expected.layernorm_sha256)),
                ("layer norm of mae-coord infer", (inferred.layernorm_sha256, expected.layernorm_sha256)),
            ] where pair.0 != pair.1 {
                throw WrongResult(
                    "\(name) by \(form.method.rawValue) (\(pair.0)) differs from \(expected.method)'s (\(pair.1)), so "
                        + "nothing was timed")
            }
        }
        guard let first else { throw WrongResult("there is no form to load") }
        return first
    }

    private var output: String { forms.folder + "/inferred" }

    /// The part of `summary.json` that is compared.
    private struct Summary: Decodable {
        let layernorm_sha256: String
    }
}
