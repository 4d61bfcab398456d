import MAEFiles
import MAETensor

/// Writes safetensors files of fp32 tensors.
package enum SafetensorsWriter {
    /// Where the first tensor begins: a multiple of this many bytes, so that a reader can map the tensors.
    private static let alignment = 64

    /// Writes `tensors` at `path` in their order, replacing a file there once the new one is whole.
    package static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to path: String
    ) throws(CheckpointError) {
        let header = header(tensors, metadata: metadata)
        try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
            try file.append(header)
            for (_, tensor) in tensors {
                try tensor.withUnsafeElements { elements throws(CheckpointError) in
                    try file.append(UnsafeRawBufferPointer(elements))
                }
            }
        }
    }

    private static func header(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) -> [UInt8] {
        var members: [JSONMember] = []
        if !metadata.isEmpty {
            let strings = metadata.sorted { $0.key < $1.key }.map { JSONMember(key: $0.key, value: .string($0.value)) }
            members.append(JSONMember(key: "__metadata__", value: .object(strings)))
        }
        var offset = 0
        for (name, tensor) in tensors {
            let end = offset + tensor.count * MemoryLayout<Float>.stride
            let description = JSONValue.members([
                "dtype": .string(DType.float32.safetensorsName),
                "shape": .array(tensor.shape.map(JSONValue.integer)),
                "data_offsets": .array([.integer(offset), .integer(end)]),
            ])
            members.append(JSONMember(key: name, value: description))
            offset = end
        }
        var text = Array(JSONValue.object(members).compactText.utf8)
        // The format lets a header end in spaces.
        let excess = (8 + text.count) % alignment
        if excess > 0 { text += [UInt8](repeating: UInt8(ascii: " "), count: alignment - excess) }
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
        return length + text
    }
}
