import MAECheckpoint
import MAECommand
import MAEReport
import MAEText

extension CheckpointComparison {
    /// Most tensors that are listed for people.
    private static let listed = 20

    /// The comparison for people.
    var text: String {
        var sides = TextTable()
        sides.add("a", first.place, first.method.summary)
        sides.add("b", second.place, second.method.summary)
        var parts = [sides.text(indentation: 0), "", weightsLine]
        for (names, side) in [(difference.onlyInFirst, "a"), (difference.onlyInSecond, "b")] where !names.isEmpty {
            parts.append("  only in \(side): " + shortened(names).joined(separator: ", "))
        }
        parts += causeLines
        if !difference.tensors.isEmpty { parts.append(tensorTable) }
        parts += storedTypeLines
        if !weightsOnly { parts += configurationLines }
        parts += ["", isEqual ? "Equal." : "Different."]
        return parts.joined(separator: "\n") + "\n"
    }

    private var weightsLine: String {
        guard !difference.hasEqualWeights else {
            return "Weights: all \(difference.sharedCount) tensors are equal, bit for bit."
        }
        return "Weights: \(difference.tensors.count) of \(difference.sharedCount) tensors differ."
    }

    /// What explains the tensors that differ, where something does.
    private var causeLines: [String] {
        var lines: [String] = []
        if let rounding = difference.rounding {
            let (copy, original) = (rounding.copy("a", "b"), rounding.original("a", "b"))
            lines.append(
                "  Cause: each of them in \(copy) is exactly that of \(original) rounded to \(rounding.format) "
                    + "(to nearest, ties to even). \(original) is the original.")
        }
        for (side, name) in zip(ComparedSide.allCases, ["a", "b"]) {
            let zeros = difference.zeroTensors(of: side)
            guard !zeros.isEmpty else { continue }
            lines.append("  Nothing but zeros in \(name): " + shortened(zeros).joined(separator: ", "))
        }
        return lines
    }

    private func shortened(_ names: [String]) -> [String] {
        names.prefix(Self.listed) + (names.count > Self.listed ? ["… \(names.count - Self.listed) more"] : [])
    }

    private var tensorTable: String {
        // The encoder's tensors come first, for they decide the output; of each part the largest differences, and
        // before all numbers the shapes that differ.
        let sorted = difference.tensors.sorted { one, other in
            guard one.isOfDecoder == other.isOfDecoder else { return other.isOfDecoder }
            return (one.largest ?? .infinity) > (other.largest ?? .infinity)
        }
        var table = TextTable(rightAligned: [1, 2])
        table.add("tensor", "differing", "largest", "at", "a", "b")
        for tensor in sorted.prefix(Self.listed) {
            if let largest = tensor.largest, let index = tensor.index, let values = tensor.values {
                table.add(
                    tensor.name, tensor.differingBitsCount.grouped, "\(Float(largest))", "\(index)", "\(values[0])",
                    "\(values[1])")
            } else {
                table.add(tensor.name, "shape", "", "", "\(tensor.shapes[0])", "\(tensor.shapes[1])")
            }
        }
        if sorted.count > Self.listed { table.add("… \(sorted.count - Self.listed) more; --json lists all") }
        return table.text(indentation: 2)
    }

    private var storedTypeLines: [String] {
        Dictionary(grouping: difference.storedTypes, by: \.types).sorted { $0.value.count > $1.value.count }.map {
            types, tensors in
            "Stored: \(tensors.count) tensors are \(types[0].rawValue) in a and \(types[1].rawValue) in b; "
                + "they were compared as fp32."
        }
    }

    private var configurationLines: [String] {
        guard !fields.isEmpty else { return ["Configuration: equal."] }
        var table = TextTable()
        table.add("field", "a", "", "b", "")
        for field in fields {
            table.add(
                field.field.rawValue, field.values[0].compactText, "(\(field.origins[0].phrase))",
                field.values[1].compactText, "(\(field.origins[1].phrase))")
        }
        return ["Configuration: \(fields.count) values differ.", table.text(indentation: 2)]
    }
}

extension TensorDifference {
    /// Whether the tensor takes no part in the encoder's output.
    fileprivate var isOfDecoder: Bool { name.hasPrefix("decoder.") }
}
