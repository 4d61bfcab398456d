import MAECheckpoint
import MAEFormats

/// The arrays of a file of `torch.save` that may be outputs of an encoder.
struct OutputArrays {
    /// An array, and the names on the way to it.
    struct Array {
        let names: [String]
        let tensor: CheckpointTensor

        /// The names as one key.
        var key: String { names.joined(separator: ".") }
    }

    /// The arrays, in the order of the file.
    private(set) var arrays: [Array] = []
    /// Parts of what transformers returns that are no output of the encoder, by the names of transformers.
    private(set) var leftOut: [ModelOutputPart] = []

    /// Most arrays that are looked at; what goes beyond is weights or a data set.
    private static let most = 1024
    /// Most containers inside each other in what transformers returns.
    private static let mostDepth = 4

    /// Finds the arrays below `root`.
    init(in root: PickleValue) {
        var found: [Array] = []
        root.walk { visit in
            guard found.count < Self.most else { return false }
            if let tensor = visit.value.tensor?.tensor {
                found.append(Array(names: visit.path.names, tensor: tensor))
            } else if let output = visit.value.object, output.isModelOutput {
                // Its pickle holds every field three times: as an argument, an attribute and an entry.
                Self.append(.dictionary(output.entries), visit.path.names, &found, depth: 0)
                return false
            }
            return true
        }
        keepOutputs(of: found)
    }

    private static func append(_ value: PickleValue, _ names: [String], _ found: inout [Array], depth: Int) {
        guard depth < mostDepth, found.count < most else { return }
        if let tensor = value.tensor?.tensor {
            found.append(Array(names: names, tensor: tensor))
        } else if let elements = value.sequence {
            for (index, element) in elements.enumerated() {
                append(element, names + [String(index)], &found, depth: depth + 1)
            }
        } else if let entries = value.dictionary {
            for case (.string(let name), let element) in entries {
                append(element, names + [name], &found, depth: depth + 1)
            }
        }
    }

    /// Leaves out what stands next to the encoder's output in what transformers returns.
    private mutating func keepOutputs(of found: [Array]) {
        // The names in each container, and the last array below each name.
        var names: [[String]: Set<String>] = [:]
        var last: [[String]: [String]] = [:]
        for array in found {
            for length in array.names.indices {
                names[Swift.Array(array.names[..<length]), default: []].insert(array.names[length])
                last[Swift.Array(array.names[...length])] = array.names
            }
        }
        for array in found {
            let part = array.names.indices.lazy.compactMap { position -> ModelOutputPart? in
                let siblings = names[Swift.Array(array.names[..<position])] ?? []
                guard ModelOutputPart.areFields(siblings), let part = ModelOutputPart(rawValue: array.names[position])
                else { return nil }
                // Where the output itself was not saved, the last hidden state is the nearest to it.
                let isNearest =
                    part == .hiddenStates && !siblings.contains(ModelOutputPart.wanted)
                    && last[Swift.Array(array.names[...position])] == array.names
                return isNearest ? nil : part
            }.first
            if let part {
                if !leftOut.contains(part) { leftOut.append(part) }
            } else {
                arrays.append(array)
            }
        }
    }
}
