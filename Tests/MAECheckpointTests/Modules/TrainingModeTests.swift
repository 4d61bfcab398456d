import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Models pickled in training mode")
struct TrainingModeTests {
    private let bench: ModuleBench

    init() throws { bench = try ModuleBench() }

    private func findings(_ change: (String, inout PickledModuleNode) -> Void) throws -> [CheckpointFinding] {
        try bench.open { place, node in
            node.set("training", .bool(true))
            change(place, &node)
        }.findings.filter { $0.code == .trainingMode }
    }

    @Test("dropout in training mode is an error that names the modules and the remedy")
    func reportsDropout() throws {
        let hidden = try findings { _, node in if node.type.name == "Dropout" { node.set("p", .float(0.1)) } }
        let attention = try findings { place, node in
            if place.hasSuffix(".attention") { node.set("attention_dropout", .float(0.2)) }
        }
        let path = try findings { place, node in
            guard place == "vit.layers.1" else { return }
            node.modules.append(
                (
                    "drop_path",
                    PickledModuleNode(
                        "timm.layers.drop", "DropPath",
                        attributes: [
                            ("drop_prob", .float(0.3)), ("training", .bool(true)),
                        ])
                ))
        }
        for (found, name) in [
            (hidden, "vit.layers.0.dropout (p 0.1)"), (attention, "vit.layers.0.attention (p 0.2)"),
            (path, "vit.layers.1.drop_path (p 0.3)"),
        ] {
            #expect(found.map(\.severity) == [.error])
            #expect(found.first?.message.contains(name) == true, "\(found)")
            #expect(found.first?.message.contains("model.eval()") == true)
        }
    }

    @Test("training mode without dropout, and dropout without training mode, are silent")
    func isSilentOtherwise() throws {
        #expect(try findings { _, _ in }.isEmpty)
        let evaluated = try bench.open { _, node in if node.type.name == "Dropout" { node.set("p", .float(0.1)) } }
        #expect(!evaluated.findings.contains { $0.code == .trainingMode })
        let headOnly = try findings { place, node in
            guard place.isEmpty else { return }
            node.modules.append(
                (
                    "head_drop",
                    PickledModuleNode(
                        "torch.nn.modules.dropout", "Dropout",
                        attributes: [
                            ("p", .float(0.5)), ("training", .bool(true)),
                        ])
                ))
        }
        #expect(headOnly.isEmpty)
    }
}
