import Foundation
import MAEFormats
import MAERecording
import MAETensor
import TestSupport
import Testing

@Suite("Recordings that are damaged, or written to harm")
struct RecordingDamageTests {
    private static var base: String {
        Goldens.path("explain/recordings/base.safetensors")
    }

    /// Fields with a value that they cannot have, and what the error says of each.
    struct Damage: Sendable, CustomTestStringConvertible {
        let place: String
        let json: String
        let words: String

        var testDescription: String { "\(place) = \(json)" }

        init(_ place: String, _ json: String, _ words: String) {
            (self.place, self.json, self.words) = (place, json, words)
        }
    }

    static let damages = [
        Damage("schema", "0", "mae_record: schema"), Damage("schema", "\"1\"", "schema"),
        Damage("schema", "2", "the recorder is newer"), Damage("ended", "\"lost\"", "ended"),
        Damage("detail", "\"some\"", "detail"), Damage("calls_left_out", "-1", "calls_left_out"),
        Damage("settings", "[]", "settings"), Damage("models", "{}", "models"),
        Damage("models", "[]", "there is no model"),
        Damage("models.0.class", "3", "models[0].class"), Damage("models.0.training", "\"no\"", "models[0].training"),
        Damage("models.0.modules", "[]", "its model has no module"),
        Damage("models.0.modules.3.index", "-3", "models[0].modules[3].index"),
        Damage("models.0.modules.0.index", "9223372036854775807", "modules[0].index"),
        Damage("models.0.weights.0.sha256", "\"12\"", "models[0].weights[0].sha256"),
        Damage("models.0.weights.0.shape", "[4611686018427387904, 4611686018427387904]", "which no tensor has"),
        Damage("models.0.weights.1.name", "\"embeddings.cls_token\"", "once more"),
        Damage("models.0.weights.0.shape", "[-1]", "weights[0].shape"),
        Damage("calls.0.model", "1", "calls[0].model"), Damage("calls.0.model", "-1", "calls[0].model"),
        Damage("calls.0.modules.0.parent", "0", "calls[0].modules[0].parent"),
        Damage("calls.0.modules.1.parent", "-1", "only the first call has none"),
        Damage("calls.0.modules.1.parent", "1", "calls[0].modules[1].parent"),
        Damage("calls.0.modules.1.module", "100000", "calls[0].modules[1].module"),
        Damage("calls.0.modules.1.call", "1.5", "calls[0].modules[1].call"),
        Damage("calls.0.modules.1.call", "9223372036854775807", "calls[0].modules[1].call"),
        Damage(
            "calls.0.mae.mask", "{\"shape\": [0, 16], \"dtype\": \"float32\"}", "is of 0 images, and the call has 2"),
        Damage(
            "calls.0.mae.ids_restore", "{\"shape\": [2, 4], \"dtype\": \"int64\"}",
            "is of 4 patches, and the call has 16"),
        Damage(
            "calls.0.modules.0.outputs.0", "{\"same_as\": [9999, \"outputs\", 0]}", "names a value that is not there"),
        Damage(
            "calls.0.modules.0.outputs.0", "{\"same_as\": [0, \"outputs\", 0]}", "leads from reference to reference"),
        Damage("calls.0.modules.0.outputs.0", "{\"same_as\": [-1, \"outputs\", 0]}", "same_as"),
        Damage("calls.0.modules.0.outputs.0", "{\"same_as\": [0, \"inside\", 0]}", "same_as"),
        Damage("calls.0.modules.0.inputs.0.shape", "null", "inputs[0].shape"),
        Damage("calls.0.modules.0.inputs.0.nan", "99999999", "and there are"),
        Damage("calls.0.modules.0.inputs.0.largest", "\"NaN\"", "largest"),
        Damage("calls.0.pooled.tensor", "\"nothing\"", "which is not in the file"),
        Damage("calls.0.pooled.shape", "[16, 2]", "not [16, 2]"),
        Damage("calls.0.mae.mask_ratio", "7", "calls[0].mae.mask_ratio"),
        Damage("calls.0.generators.cpu.before", "7", "calls[0].generators.cpu.before"),
        Damage("calls.0.autocast", "{\"cpu\": 5}", "calls[0].autocast.cpu"),
        Damage("models.0.class", "\"" + String(repeating: "x", count: 5000) + "\"", "5000 bytes"),
    ]

    @Test("a field that cannot be is refused by its name", arguments: damages)
    func refuses(_ damage: Damage) throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(Self.base)
        file.set(
            damage.place, to: try JSONSerialization.jsonObject(with: Data(damage.json.utf8), options: .fragmentsAllowed)
        )
        let path = try folder.write("a.safetensors", file.bytes())
        let error = try #require(throws: CheckpointError.self) { try Recording(path: path) }
        #expect("\(error)".contains(damage.words), "\(error)")
    }

    @Test("a model that makes several crops of each image is read")
    func readsCrops() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(Self.base)
        let images: (Int) -> [String: Any] = { ["shape": [$0, 1, 32, 32], "dtype": "float32"] }
        file.set("calls.0.modules.1.inputs.0", to: images(2))
        file.set("calls.0.modules.0.inputs.0", to: images(1))
        let recording = try Recording(path: folder.write("a.safetensors", file.bytes()))
        #expect(recording.calls[0].masking?.noise?.shape == [2, 16])
    }

    @Test("a newer layout is refused with a sentence on what to do")
    func refusesNewerSchema() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(Self.base)
        file.set("schema", to: 7)
        let path = try folder.write("a.safetensors", file.bytes())
        let error = try #require(throws: CheckpointError.self) { try Recording(path: path) }
        let text = "\(error)"
        #expect(
            text.contains("is 7, and this program reads 1")
                && text.contains("record with the mae_record of this version"))
        #expect(!text.contains("damaged"))
    }

    @Test("text that is no JSON, or nests without end, is refused")
    func refusesOtherText() throws {
        let folder = try TemporaryDirectory()
        let file = try RecordingFile(Self.base)
        for text in ["", "{", "[]", "null", String(repeating: "[", count: 100_000), "{\"schema\": 1e999}"] {
            let path = try folder.write("a.safetensors", file.bytes(text: text))
            #expect(throws: CheckpointError.self, "\(text.prefix(20))") { try Recording(path: path) }
        }
    }

    @Test("whatever byte changes, reading throws or gives a recording whose indices hold")
    func survivesMutations() throws {
        let folder = try TemporaryDirectory()
        let file = try RecordingFile(Self.base)
        let text = Array(try file.text.utf8)
        var random = SplitMix(seed: 20)
        let digits = Array("0123456789-\"[]{},:abcdef.e".utf8)
        for _ in (0..<400).sampled() {
            var changed = text
            for _ in 0...Int(random.next() % 3) {
                changed[Int(random.next() % UInt64(changed.count))] = digits[Int(random.next() % UInt64(digits.count))]
            }
            let path = try folder.write("a.safetensors", file.bytes(text: String(decoding: changed, as: UTF8.self)))
            guard let recording = try? Recording(path: path) else { continue }
            for call in recording.calls {
                #expect(recording.models.indices.contains(call.model))
                for module in call.modules {
                    #expect(recording.models[call.model].modules.indices.contains(module.module))
                }
                for value in call.modules.flatMap({ $0.inputs + $0.outputs }) { _ = try? recording.tensor(of: value) }
            }
        }
    }
}
