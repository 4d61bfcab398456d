import MAECheckpoint
import MAECommand
import MAEReport
import MAEText

extension CheckpointInspection {
    /// The inspection for people.
    var text: String {
        ([checkpoint.path, facts.text(indentation: 2)]
            + [
                section("Files", fileTable), section("Contents", contentTable), section("Models", modelTable),
            ] + [section("Configuration", configurationTable), section("Findings", findingTable)])
            .filter { !$0.isEmpty }.joined(separator: "\n") + "\n"
    }

    private func section(_ title: String, _ table: TextTable) -> String {
        table.rows.isEmpty ? "" : "\n\(title)\n\(table.text(indentation: 2))"
    }

    private var facts: TextTable {
        let format = checkpoint.format
        var table = TextTable()
        table.add("method", checkpoint.method.summary)
        table.add(
            "container", format.container.summary + (format.shardCount > 1 ? ", \(format.shardCount) shards" : ""))
        table.add(
            "naming",
            (format.dialect?.summary ?? "names of several programs, mixed")
                + (format.prefix.isEmpty ? "" : ", each behind \(format.prefix)"))
        if let readers = checkpoint.readers { table.add("read whole by", readers) }
        if let name = format.pickledClass { table.add("class", name) }
        if let version = format.transformersVersion { table.add("written by", "transformers \(version)") }
        if let version = format.lightningVersion { table.add("written by", "Lightning \(version)") }
        table.add(
            "parameters",
            "\(checkpoint.layout.elementCount.grouped) in \(checkpoint.layout.parameters.count) tensors, "
                + (checkpoint.hasDecoder ? "encoder and decoder" : "encoder alone"))
        table.add("stored as", dtypes.map { "\($0.name) (\($0.count) tensors)" }.joined(separator: ", "))
        table.add("weights_sha256", "\(fingerprints.sha256)")
        return table
    }

    private var fileTable: TextTable {
        var table = TextTable(rightAligned: [0])
        for file in checkpoint.files { table.add("\(file.size.grouped) bytes", file.path) }
        return table
    }

    private var contentTable: TextTable {
        var table = TextTable()
        let takenKeys = [checkpoint.key] + (checkpoint.models.first?.otherKeys ?? [])
        for node in checkpoint.contents?.nodes ?? [] {
            let name = node.depth == 0 ? "the file" : node.name
            let isTaken = takenKeys.contains(node.key) && node.name != "…"
            table.add(
                String(repeating: "  ", count: node.depth) + name, node.summary + (isTaken ? "  <- taken" : ""))
        }
        return table
    }

    private var modelTable: TextTable {
        let isMixed = Set(checkpoint.models.map(\.method)).count > 1
        var table = TextTable(rightAligned: [2, 3])
        for model in checkpoint.models {
            let names = ([model.key] + model.otherKeys).map { $0.isEmpty ? "(without a name)" : $0 }
            table.add(
                model.isTaken ? "taken" : "",
                names.joined(separator: ", ") + (isMixed ? " (\(model.method.rawValue))" : ""),
                "\(model.tensorCount) tensors", "\(model.byteCount.grouped) bytes",
                model.sha256.map { "weights_sha256 \($0)" } ?? "no whole ViT-MAE: \(model.problem ?? "")")
        }
        return table
    }

    private var configurationTable: TextTable {
        var table = TextTable()
        for field in ConfigurationKey.allCases {
            let origin = checkpoint.configuration.origin(of: field)
            table.add(
                (origin.isUncertain ? "? " : "  ") + field.rawValue,
                checkpoint.configuration.values[field].compactText, origin.phrase)
        }
        return table
    }

    private var findingTable: TextTable {
        var table = TextTable()
        for finding in findings { table.add(finding.severity.rawValue, finding.description) }
        return table
    }
}

extension LoadingChoice {
    /// The method in words.
    var summary: String {
        switch self {
        case .pretrained: "pretrained (hub directory)"
        case .full: "full (a pickled model)"
        case .stateDict: "state-dict (weights by name)"
        case .automatic: "automatic"
        }
    }
}

extension CheckpointFormat.Container {
    /// The container in words.
    var summary: String {
        switch self {
        case .torchArchive: "archive of torch.save"
        case .torchLegacy: "torch.save before PyTorch 1.6"
        case .safetensors: "safetensors"
        }
    }
}
