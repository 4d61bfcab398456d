import MAETensor
import MAEText

/// Outputs by nights: a colour and a letter for each digest, so that a night with other bits is where the colour changes.
enum Ribbon {
    /// Colours that there are; the style has one for each.
    static let colors = 8

    /// The picture; a row for each output, with the bad nights marked.
    static func picture(
        _ outputs: [OutputSeries], _ digests: [SHA256Digest], _ badNights: [Int], first: Int?, _ scale: NightScale
    ) -> String {
        let numbers = numbers(outputs)
        var parts: [String] = []
        var letters: [String] = []
        for (row, output) in outputs.enumerated() {
            let names = numbers[output.batch] ?? [:]
            for (entry, nights) in NightScale.spans(output.entries) {
                guard let entry else { continue }
                let others = entry.others.isEmpty ? "" : "; other bits on \(NumberText.list(entry.others, limit: 8))"
                let title = "\(output.method), \(scale.words(nights)): \(digests[entry.digest].short)\(others)"
                parts.append(
                    scale.bar(nights, row: row, kind: "d\((names[entry.digest] ?? 0) % colors)", title: title))
            }
            parts.append(corners(output, row, scale))
            letters.append(
                SVG.letters(
                    output.entries.enumerated().compactMap { night, entry in
                        entry.map { (letter(names[$0.digest] ?? 0), scale.x(night) + 7) }
                    }, scale.y(row) + 13.5))
        }
        return SVG.picture(
            scale.width, scale.y(outputs.count), label: "outputs by nights",
            [scale.marks] + parts + [scale.gaps(rows: outputs.count)] + letters
                + [marks(badNights, first, rows: outputs.count, scale)])
    }

    /// Numbers of digests in the order in which they first appear, for each batch.
    private static func numbers(_ outputs: [OutputSeries]) -> [String: [Int: Int]] {
        var numbers: [String: [Int: Int]] = [:]
        for night in (outputs.first?.entries ?? []).indices {
            for output in outputs {
                guard let digest = output.entries[night]?.digest, numbers[output.batch]?[digest] == nil else {
                    continue
                }
                numbers[output.batch, default: [:]][digest] = numbers[output.batch]?.count ?? 0
            }
        }
        return numbers
    }

    private static func letter(_ number: Int) -> Character {
        Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(number % 26)))
    }

    /// A corner in each night in which some nodes gave other bits.
    private static func corners(_ output: OutputSeries, _ row: Int, _ scale: NightScale) -> String {
        let nights = output.entries.indices.filter { !(output.entries[$0]?.others.isEmpty ?? true) }
        guard !nights.isEmpty else { return "" }
        let shapes = nights.map {
            "M\(SVG.number(scale.x($0) + 5)) \(SVG.number(scale.y(row)))h9v9z"
        }
        return "<path class=\"corner\" d=\"\(shapes.joined())\"/>"
    }

    /// A line where each bad night begins, and words above the first.
    private static func marks(_ nights: [Int], _ first: Int?, rows: Int, _ scale: NightScale) -> String {
        guard !nights.isEmpty else { return "" }
        let lines = nights.map { "M\(SVG.number(scale.x($0) - 0.5)) 16V\(SVG.number(scale.y(rows)))" }
        var parts = ["<path class=\"break\" d=\"\(lines.joined())\"/>"]
        if let first {
            // On the side where there is room.
            let isLeft = scale.x(first) > scale.width / 2
            parts.append(
                SVG.text(
                    isLeft ? "first bad night ▾" : "▾ first bad night", scale.x(first) + (isLeft ? 4 : -5), 12,
                    kind: "head", anchor: isLeft ? "end" : "start"))
        }
        return parts.joined()
    }
}
