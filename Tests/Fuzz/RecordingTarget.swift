import Foundation
import MAEFormats
import MAERecording

/// The JSON of a recording of PyTorch, in a file whose tensors are right.
enum RecordingTarget: FuzzTarget {
    static func run(_ input: UnsafeRawBufferPointer) {
        let path = FuzzTargets.folder + "/recording.safetensors"
        // Bytes that are no UTF-8 never come that far.
        let text = String(decoding: input, as: UTF8.self)
        guard (try? SafetensorsWriter.write([], metadata: ["mae_record": text], to: path)) != nil,
            let recording = try? Recording(path: path)
        else { return }
        for call in recording.calls {
            for value in call.modules.flatMap({ $0.inputs + $0.outputs }) { _ = try? recording.tensor(of: value) }
        }
    }

    static func seeds() throws -> [[UInt8]] {
        try ["base-bare", "thrown"].map { name in
            let bytes = try FuzzTargets.golden("explain/recordings/\(name).safetensors")
            let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
            let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any]
            guard let text = (header?["__metadata__"] as? [String: Any])?["mae_record"] as? String else {
                throw Failure("\(name) is no recording")
            }
            return Array(text.utf8)
        }
    }
}
