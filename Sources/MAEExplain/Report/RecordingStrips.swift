import MAERecording
import MAEReport
import MAEText

/// For each two recorded calls a strip of their stages: equal, permuted, differing, not recorded.
enum RecordingStrips {
    /// A stage of a ViT-MAE, as a column of the strips.
    private struct Stage: Hashable {
        let role: Recording.Role
        let index: Int

        var head: String {
            switch role {
            case .encoder: "enc"
            case .embeddings: "emb"
            case .patchProjection: "proj"
            case .encoderBlock: "\(index)"
            case .encoderNorm: "norm"
            case .decoder: "dec"
            case .decoderEmbedding: "dec emb"
            case .decoderBlock: "dec \(index)"
            case .decoderNorm: "dec norm"
            case .decoderPrediction: "pred"
            }
        }
    }

    /// Empty without two recorded calls.
    static func section(_ explanation: Explanation) -> String {
        let pairs = explanation.recordingPairs
        guard !pairs.isEmpty else { return "" }
        let (listed, rest) = ExplanationText.listed(pairs)
        let stages = stages(of: listed)
        let heads = ["pair"] + stages.map(\.head) + ["final layer norm", "why"]
        let rows = listed.map { pair in
            var states: [Stage: ValueRelation] = [:]
            for module in pair.modules where module.call == 0 {
                guard let role = module.left.role else { continue }
                states[Stage(role: role, index: module.left.index ?? 0)] = module.outputs
            }
            let cells = stages.map { cell(states[$0] ?? .unknown) }
            let name = "\(explanation.label(pair.left)) : \(explanation.label(pair.right))"
            return "<tr><th scope=\"row\">\(SafeText.markup(name))</th>\(cells.joined())<td class=\"number\">"
                + "\(SafeText.markup(pair.sizeWords))</td><td>\(SafeText.markup(pair.words(explanation)))</td></tr>"
        }
        let more = rest > 0 ? "<p class=\"facts\">\(NumberText.count(rest, "further pair")): --json has all.</p>" : ""
        return """
            <section>
            <h2>Recordings</h2>
            <div class="wide"><table>
            <thead><tr>\(heads.map { "<th scope=\"col\">\(SafeText.markup($0))</th>" }.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>
            <p class="legend"><span class="cell identical">= same bits</span>
            <span class="cell close">~ same tokens, another order</span>
            <span class="cell differs">x differs</span>
            <span>? not recorded on both sides</span></p>
            \(more)\(settings(explanation))
            </section>
            """
    }

    private static func stages(of pairs: [RecordingPair]) -> [Stage] {
        var stages: [Stage] = []
        var known: Set<Stage> = []
        for module in pairs.flatMap(\.modules) {
            guard let role = module.left.role, role != .encoder, role != .decoder else { continue }
            let stage = Stage(role: role, index: module.left.index ?? 0)
            if known.insert(stage).inserted { stages.append(stage) }
        }
        return stages
    }

    private static func cell(_ relation: ValueRelation) -> String {
        switch relation {
        case .equal: "<td class=\"cell identical\">=</td>"
        case .permuted: "<td class=\"cell close\">~</td>"
        case .differs: "<td class=\"cell differs\">x</td>"
        case .unknown: "<td class=\"cell\">?</td>"
        }
    }

    private static func settings(_ explanation: Explanation) -> String {
        let given = explanation.recordings
        let rows = given.indices.dropFirst().flatMap { index in
            SettingDifference.between(given[0].recording, given[index].recording).map {
                [
                    "\(given[0].label) : \(given[index].label)", $0.name, $0.left ?? "not recorded",
                    $0.right ?? "not recorded",
                ]
            }
        }
        guard !rows.isEmpty else { return "" }
        return "<div class=\"wide\">\(HTMLReport.table(["pair", "setting", "left", "right"], rows))</div>"
    }
}
