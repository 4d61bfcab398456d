/// What `mae-bench compare --json` prints.
///
/// Other programs read these fields: more may come, none is renamed.
struct CompareReport: Encodable {
    /// One of the two that are compared.
    struct Side: Encodable {
        let model, backend, device, isa: String
    }

    /// An output of the passes without a look inside.
    struct Output: Encodable {
        let name: String
        let agrees: Bool
        let sha256, other_sha256: String
    }

    let agrees: Bool
    let batch_size: Int
    let mask_ratio: Double
    let side, other_side: Side
    let outputs: [Output]
    /// Operations whose results were compared.
    let operations: Int
    /// Where results differ first; none when no operation's do.
    let first_difference: FirstDifference?
    /// What there is to say about a difference.
    let reason: String?

    /// The report as a person reads it.
    var text: String {
        let sides = "\(side.backend) (\(side.isa)) and \(other_side.backend) (\(other_side.isa), \(other_side.device))"
        let names = outputs.map(\.name).joined(separator: ", ")
        guard let reason else {
            return "\(sides), batch \(batch_size), mask ratio \(mask_ratio): \(names) and the results of all "
                + "\(operations) operations agree bit for bit"
        }
        return "\(sides), batch \(batch_size), mask ratio \(mask_ratio): \(reason)"
    }
}
