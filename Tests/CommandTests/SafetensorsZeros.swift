import Foundation
import Testing

/// Makes tensors of a safetensors file zero, as a download with holes does.
enum SafetensorsZeros {
    /// Writes zeros over the elements of the tensors of these names.
    static func write(_ names: [String], in path: String) throws {
        let url = URL(fileURLWithPath: path)
        var data = try Data(contentsOf: url)
        let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = try JSONObject(data.dropFirst(8).prefix(length))
        for name in names {
            let offsets = try header.object(name).integers("data_offsets")
            let range = (8 + length + offsets[0])..<(8 + length + offsets[1])
            data.replaceSubrange(range, with: repeatElement(0, count: range.count))
        }
        try data.write(to: url)
    }
}
