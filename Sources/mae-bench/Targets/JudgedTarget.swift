/// A target next to what was measured; the names of its fields are those of the JSON output.
struct JudgedTarget: Encodable, Hashable {
    /// ``Target/name``.
    let name: String
    /// What was measured, with the circumstances.
    let what: String
    let target: Target
    let measured: Double
    let met: Bool

    /// Judges `measured`; `circumstances` follow what the target is about.
    init(_ target: Target, _ measured: Double, _ circumstances: String = "") {
        name = target.name
        what = target.what + (circumstances.isEmpty ? "" : ", \(circumstances)")
        self.target = target
        self.measured = measured
        met = target.isMet(by: measured)
    }

    private enum CodingKeys: CodingKey { case name, what, target, limit, measured, met }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(what, forKey: .what)
        try fields.encode(target.text, forKey: .target)
        try fields.encode(target.limit, forKey: .limit)
        try fields.encode(measured, forKey: .measured)
        try fields.encode(met, forKey: .met)
    }
}

extension [JudgedTarget] {
    /// A table in Markdown, as a page of documentation has it; nothing where nothing was judged.
    var table: String {
        guard !isEmpty else { return "" }
        return
            (["\n| what | target | measured | |", "|---|---|---|---|"]
            + map { judged in
                "| \(judged.what) | \(judged.target.text) | \(judged.target.text(of: judged.measured)) | "
                    + "\(judged.met ? "met" : "**missed**") |"
            }).joined(separator: "\n")
    }
}
