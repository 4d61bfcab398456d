import MAETensor
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

extension PickledModuleNode {
    /// The tree with each module changed, given its name from the root on.
    func changed(_ name: String = "", _ change: (String, inout PickledModuleNode) -> Void) -> PickledModuleNode {
        var node = self
        node.modules = modules.map { child, module in
            (child, module.changed(name.isEmpty ? child : name + "." + child, change))
        }
        change(name, &node)
        return node
    }

    /// Sets an attribute in place of the one that is there.
    mutating func set(_ name: String, _ value: PickleExpression) {
        attributes.removeAll { $0.0 == name }
        attributes.append((name, value))
    }
}

/// Writes the golden model as a pickled module tree, changed as a test likes, and opens it.
struct ModuleBench {
    let states: StateDictBench
    private let model: ModelWeights

    init() throws {
        states = try StateDictBench()
        model = try ModelWeights(states.golden)
    }

    /// The tree of a release of transformers.
    func tree(
        _ release: CheckpointWriter.Release = .transformers5,
        _ change: (String, inout PickledModuleNode) -> Void = { _, _ in }
    ) throws -> PickleExpression {
        let activation = try #require(ActivationModule(.gelu))
        return ModuleGraphBuilder(model: model, release: release, activation: activation).preTraining
            .changed("", change).pickle
    }

    /// Opens a changed tree.
    func open(
        _ release: CheckpointWriter.Release = .transformers5, configuration: String? = nil,
        _ change: (String, inout PickledModuleNode) -> Void
    ) throws -> ModelCheckpoint {
        try states.open(tree(release, change), configuration: configuration)
    }

    /// Why a changed tree is refused.
    func refusal(
        _ release: CheckpointWriter.Release = .transformers5, _ change: (String, inout PickledModuleNode) -> Void
    ) throws -> CheckpointError? {
        states.refusal(of: try tree(release, change), configuration: nil)
    }
}
