import Foundation
import MAERecording

extension ExplanationJSON {
    /// A recording.
    struct RecordingEntry: Encodable {
        struct Model: Encodable {
            let `class`: String
            let training: Bool
            let compiled: Bool
            let attention: String?
            let weights: Int
        }
        struct Call: Encodable {
            let label: String
            let model: Int
            let training: Bool
            let maskRatio: Double?
            let keptPatches: Int?
            let noiseSeed: UInt64?
            let noiseDraw: Int?
            let sameWeights: [String]
        }
        let label, path, recorder: String
        let modified: Date?
        let started: String?
        let seconds: Double?
        let exception: String?
        let callsLeftOut: Int
        let settings: [Setting]
        let models: [Model]
        let calls: [Call]

        struct Setting: Encodable {
            let name, value: String
        }

        init(_ index: Int, _ explanation: Explanation) {
            let given = explanation.recordings[index]
            let recording = given.recording
            (label, path, recorder) = (given.label, recording.path, recording.recorder)
            modified = given.modified.map { Date(timeIntervalSince1970: $0) }
            (started, seconds, exception) = (recording.started, recording.seconds, recording.exception)
            callsLeftOut = recording.callsLeftOut
            settings = recording.settings.map { Setting(name: $0.name, value: SettingDifference.text($0.value)) }
            models = recording.models.map {
                Model(
                    class: $0.className, training: $0.isTraining, compiled: $0.isCompiled, attention: $0.attention,
                    weights: $0.weights.count)
            }
            calls = explanation.recordedIDs.filter { $0.recording == index }.compactMap { id in
                guard let call = explanation.recordedCalls[id] else { return nil }
                return Call(
                    label: explanation.label(id), model: call.call.model, training: call.call.isTraining,
                    maskRatio: call.call.masking?.maskRatio, keptPatches: call.kept, noiseSeed: call.noise.draw?.seed,
                    noiseDraw: call.noise.draw?.number,
                    sameWeights: explanation.models.indices.filter {
                        explanation.weightsDifference(index, call.call.model, $0)?.hasWeightsOfEncoder ?? false
                    }.map { explanation.models[$0].label })
            }
        }
    }

    /// A setting that differs.
    struct SettingEntry: Encodable {
        let name: String
        let left, right: String?
        let matters: Bool

        init(_ difference: SettingDifference) {
            (name, left, right) = (difference.name, difference.left, difference.right)
            matters = difference.matters
        }
    }

    /// Two recorded calls.
    struct RecordingPairEntry: Encodable {
        struct Module: Encodable {
            let left, right: String
            let role: String?
            let index: Int?
            let call: Int
            let inputs, outputs: String
        }
        let left, right, cause: String
        let causes: [String]
        let final, input, noise: String
        let largest, inOneOrder, pooledLargest: Double?
        let isRounding: Bool?
        let beginsIn: [String]
        let differingTensors, oneSidedTensors: [String]
        let settings, modes, configuration: [SettingEntry]
        let modules: [Module]

        init(_ pair: RecordingPair, _ explanation: Explanation) {
            func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
            (left, right) = (explanation.label(pair.left), explanation.label(pair.right))
            (cause, causes) = (pair.cause.rawValue, pair.causes.map(\.rawValue))
            (final, input, noise) = (pair.final.rawValue, pair.input.rawValue, pair.noise.rawValue)
            (largest, inOneOrder) = (finite(pair.difference), finite(pair.inOneOrder))
            (pooledLargest, isRounding) = (finite(pair.pooledDifference), pair.isRounding)
            beginsIn = pair.beginning.map { pair.modules[$0].left.path }
            (differingTensors, oneSidedTensors) = (pair.weights.differing, pair.weights.oneSidedOfEncoder)
            settings = explanation.settings(of: pair).map(SettingEntry.init)
            (modes, configuration) = (pair.modes.map(SettingEntry.init), pair.configuration.map(SettingEntry.init))
            modules = pair.modules.map {
                Module(
                    left: $0.left.path, right: $0.right.path, role: $0.left.role?.rawValue, index: $0.left.index,
                    call: $0.call, inputs: $0.inputs.rawValue, outputs: $0.outputs.rawValue)
            }
        }
    }

    /// A recorded call, computed again from a checkpoint.
    struct RecordedRunEntry: Encodable {
        let call, model: String
        let largest, fromDouble, ownFromDouble: Double?
        let isRounding: Bool

        init(_ run: RecordedRun, _ explanation: Explanation) {
            func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
            (call, model) = (explanation.label(run.call), explanation.models[run.model].label)
            (largest, isRounding) = (finite(run.difference), run.isRounding)
            (fromDouble, ownFromDouble) = (finite(run.fromDouble), finite(run.ownFromDouble))
        }
    }

    /// A block of a recorded call, computed again from its recorded input.
    struct BlockEntry: Encodable {
        let call: String
        let block, image: Int
        let fromDouble, ownFromDouble: Double?
        let isRight: Bool

        init(_ replay: BlockReplay, _ explanation: Explanation) {
            func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
            (call, block, image) = (explanation.label(replay.call), replay.block, replay.image)
            (fromDouble, ownFromDouble) = (finite(replay.fromDouble), finite(replay.ownFromDouble))
            isRight = replay.isRight
        }
    }
}
