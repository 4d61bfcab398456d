import Foundation
import MAECheckpoint
import MAEDomain
import MAEFormats
import MAEReport
import MAEText
import MAEVerify

/// An explanation for programs.
///
/// `docs/explain.md` describes every field. Fields are added, never renamed.
public enum ExplanationJSON {
    /// Version of the document.
    public static let schema = 1

    /// Encodes the document: UTF-8, indented, ending in a newline.
    public static func render(_ explanation: Explanation) throws -> String {
        try JSONText.encode(Document(explanation), snakeCase: true) + "\n"
    }

    private struct Document: Encodable {
        let schema: Int
        let verdict: String
        let exitCode: Int32
        let sentence: String
        let seed: UInt64
        let images: Int
        let models: [Model]
        let weightsGroups: [Group]
        let prediction: Prediction?
        let outputs: [Output]
        let outputPairs: [Pair]
        let recordings: [RecordingEntry]
        let recordingPairs: [RecordingPairEntry]
        let recordedRuns: [RecordedRunEntry]
        let blocks: [BlockEntry]
        let findings: [JSONReport.FindingEntry]

        init(_ explanation: Explanation) {
            schema = ExplanationJSON.schema
            (verdict, exitCode) = (explanation.outcome.rawValue, explanation.outcome.exitCode)
            (sentence, seed, images) = (explanation.sentence, explanation.request.seed, explanation.images)
            models = explanation.models.map(Model.init)
            weightsGroups = explanation.weights.map { Group.all($0, explanation) } ?? []
            prediction = explanation.prediction.map { Prediction($0, explanation) }
            outputs = explanation.outputs.indices.map { Output($0, explanation) }
            outputPairs = explanation.outputPairs.map { Pair($0, explanation) }
            recordings = explanation.recordings.indices.map { RecordingEntry($0, explanation) }
            recordingPairs = explanation.recordingPairs.map { RecordingPairEntry($0, explanation) }
            recordedRuns = explanation.recordedRuns.map { RecordedRunEntry($0, explanation) }
            blocks = explanation.blockReplays.map { BlockEntry($0, explanation) }
            findings = explanation.findings.map { JSONReport.FindingEntry($0) }
        }
    }

    private struct Model: Encodable {
        struct Value: Encodable {
            let name, value, from: String
        }
        let label, path, method, key: String
        let modified: Date?
        let weightsSha256: String?
        let maskRatio: Double
        let maskRatioFrom: String
        let configuration: [Value]

        init(_ model: GivenModel) {
            (label, path, key) = (model.label, model.checkpoint.path, model.checkpoint.key)
            method = model.checkpoint.method.rawValue
            modified = model.modified.map { Date(timeIntervalSince1970: $0) }
            weightsSha256 = model.fingerprints.map { "\($0.sha256)" }
            (maskRatio, maskRatioFrom) = (model.maskRatio.value, model.maskRatio.origin.rawValue)
            configuration = model.checkpoint.configuration.fields.map {
                Value(name: $0.name, value: $0.value, from: $0.origin.rawValue)
            }
        }
    }

    private struct Group: Encodable {
        let weightsSha256: String
        let models: [String]
        let differsFromFirst: String?
        let differingTensors: [String]

        static func all(_ weights: WeightsGroups, _ explanation: Explanation) -> [Group] {
            weights.groups.enumerated().map { index, group in
                let labels = group.models.map { explanation.models[$0].label }
                let difference = weights.differences.first { $0.right == index }?.model
                let first = explanation.models[weights.groups[0].models[0]].label
                return Group(
                    weightsSha256: "\(group.digest)", models: labels,
                    differsFromFirst: difference?.summary(first, labels[0]),
                    differingTensors: difference?.tensors.map(\.name) ?? [])
            }
        }
    }

    /// A difference; `largest` is left out where there is no number.
    private struct Difference: Encodable {
        let kind: String
        let largest: Double?

        init(_ difference: PredictedDifference) {
            switch difference {
            case .equal: (kind, largest) = ("equal", 0)
            case .rounding(let size): (kind, largest) = ("rounding", size)
            case .differs(let size): (kind, largest) = ("differs", size.isFinite ? size : nil)
            case .incomparable: (kind, largest) = ("incomparable", nil)
            case .notFinite: (kind, largest) = ("not-finite", nil)
            }
        }
    }

    private struct Prediction: Encodable {
        struct Pair: Encodable {
            let left, right: String
            let asTheyRun, sameMask, unmasked: Difference
        }
        let pairs: [Pair]
        let rounding: Double?
        let roundingImages: Int

        init(_ prediction: ScriptPrediction, _ explanation: Explanation) {
            let names = explanation.callLabels
            pairs = prediction.pairs.map {
                Pair(
                    left: names[$0.left], right: names[$0.right], asTheyRun: Difference($0.asTheyRun),
                    sameMask: Difference($0.sameMask), unmasked: Difference($0.unmasked))
            }
            (rounding, roundingImages) = (prediction.rounding, prediction.roundingImages)
        }
    }

    private struct Output: Encodable {
        let label, path, key: String
        let shape: [Int]
        let recognized: Bool
        let models: [String]?
        let draw: Int?
        let maskRatio: Double?
        let keptPatches: Int?
        let reduction: String?
        let order: String?
        let fitsEqually: [String]?
        let reseededWith: UInt64?
        let normalized: Bool?
        let distance: Double?
        let reason: String?
        let recordedCall: String?

        init(_ index: Int, _ explanation: Explanation) {
            let output = explanation.outputs[index]
            (label, path, key, shape) = (output.label, output.path, output.key, output.values.shape)
            let identity = explanation.identity(index)
            let unknown = explanation.unrecognized.first { $0.output == index }
            recognized = identity != nil
            models = identity.map { explanation.labels(ofGroup: $0.group) }
            (draw, maskRatio, keptPatches) = (identity?.draw, identity?.maskRatio, identity?.kept)
            reduction = identity?.reduction.rawValue
            order = identity.flatMap { $0.isRestored ? "ids_restore" : nil }
            fitsEqually = identity.flatMap { identity in
                identity.rivals.isEmpty ? nil : identity.rivals.flatMap { explanation.labels(ofGroup: $0.group) }
            }
            if case .seed(let seed) = identity?.noise { reseededWith = seed } else { reseededWith = nil }
            normalized = identity.flatMap { $0.isNormalized ? true : nil }
            distance = (identity?.distance ?? unknown?.closest).flatMap { $0.isFinite ? $0 : nil }
            reason = unknown?.reason
            recordedCall = explanation.recordedOutput(index).map { explanation.label($0.call) }
        }
    }

    private struct Pair: Encodable {
        let left, right, cause: String
        let causes: [String]
        let largest, inOneOrder, afterReducing: Double?

        init(_ pair: OutputPair, _ explanation: Explanation) {
            (left, right) = (explanation.outputs[pair.left].label, explanation.outputs[pair.right].label)
            cause = pair.cause.rawValue
            causes = pair.causes.map(\.rawValue)
            largest = pair.difference.flatMap { $0.isFinite ? $0 : nil }
            (inOneOrder, afterReducing) = (pair.inOneOrder, pair.afterReducing)
        }
    }
}
