extension ModelDifference {
    /// The differences in one sentence, such as `12 of 58 tensors differ, mask_ratio is 0.75 here and 0 there`.
    ///
    /// `first` and `second` are what the two sides are called.
    public func summary(_ first: String, _ second: String) -> String {
        var parts: [String] = []
        if !tensors.isEmpty { parts.append("\(tensors.count) of \(sharedCount) tensors differ") }
        if let rounding {
            let original = rounding.original(first, second)
            parts.append("each of these is exactly that of \(original) rounded to \(rounding.format)")
        }
        for (side, holder) in zip(ComparedSide.allCases, [first, second]) {
            let names = zeroTensors(of: side)
            if !names.isEmpty { parts.append("nothing but zeros in \(holder): \(ParameterBinding.list(names))") }
        }
        for (names, holder) in [(onlyInFirst, first), (onlyInSecond, second)] where !names.isEmpty {
            parts.append("\(names.count) tensors are only in \(holder)")
        }
        parts += fields.map { field in
            let values = field.values.map(\.compactText)
            return "\(field.field.rawValue) is \(values[0]) in \(first) and \(values[1]) in \(second)"
        }
        return parts.isEmpty ? "nothing differs" : parts.joined(separator: ", ")
    }
}

extension WeightRounding {
    /// Which of two names is that of the side that was rounded.
    public func copy(_ first: String, _ second: String) -> String { rounded == .first ? first : second }

    /// Which of two names is that of the original.
    public func original(_ first: String, _ second: String) -> String { rounded == .first ? second : first }
}
