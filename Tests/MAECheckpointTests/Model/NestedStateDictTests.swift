import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("State dicts deep inside a file")
struct NestedStateDictTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    private static func strings(_ values: [(String, PickleExpression)]) -> PickleExpression {
        .dictionary(values.map { (.string($0.0), $0.1) })
    }

    /// State as an optimizer keeps it: no dictionary of a model.
    private static let optimizer: PickleExpression = .dictionary([
        (.int(0), strings([("exp_avg", StateDictBench.filler()), ("step", .int(1))]))
    ])

    @Test("dictionaries, tuples, lists and objects are searched, however deep")
    func searchesContainers() throws {
        let weights = StateDictBench.dictionary(try bench.entries(.transformers5Memory))
        let namespace = PickleExpression.object(
            PickleGlobal(module: "types", name: "SimpleNamespace"), state: Self.strings([("weights", weights)]))
        let roots: [PickleExpression] = [
            Self.strings([("app", Self.strings([("model", weights), ("optim", Self.optimizer)]))]),
            Self.strings([("net", Self.strings([("state_dict", weights)])), ("epoch", .int(3))]),
            .tuple([weights, Self.optimizer]), .list([.int(3), .list([.tuple([.string("a"), weights])])]),
            Self.strings([("state", namespace)]),
            .list(try bench.entries().map { .tuple([.string($0.key), $0.value]) }),
        ]
        for root in roots {
            let checkpoint = try bench.open(root)
            #expect(checkpoint.method == .stateDict)
            #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
        }
    }

    @Test(
        "a list of pairs that Python's dict takes is read, whatever its first pairs hold",
        arguments: [PickleExpression.int(3), .string("vit_mae"), .none, .list([])])
    func readsPairs(first: PickleExpression) throws {
        let pairs = try bench.entries().map { PickleExpression.tuple([.string($0.key), $0.value]) }
        for lists in [[.tuple([.string("epoch"), first])] + pairs, [.list([.int(7), first])] + pairs] {
            for root in [PickleExpression.list(lists), Self.strings([("weights", .tuple(lists))])] {
                #expect(try bench.open(root).fingerprints().sha256 == bench.golden.fingerprints().sha256)
            }
        }
    }

    @Test("a list with something else among the pairs is refused as dict does, with a remedy")
    func refusesMixedLists() throws {
        let pairs = try bench.entries().map { PickleExpression.tuple([.string($0.key), $0.value]) }
        for (root, place) in [
            (PickleExpression.list([.int(3)] + pairs), nil),
            (Self.strings([("weights", .list([.int(3)] + pairs))]), "weights"),
        ] {
            let error = bench.refusal(of: root)
            #expect(error?.code == .unsupportedFormat && error?.place == place)
            #expect(error?.message.contains("element 0 is an integer") == true, "\(String(describing: error))")
            #expect(error?.message.contains("torch.save({pair[0]: pair[1]") == true)
        }
    }

    @Test("the dictionary with the most parameters is taken, the first of equal ones")
    func takesTheLargest() throws {
        let whole = try bench.entries()
        let part = whole.filter { $0.key.hasPrefix("vit.") }
        let root = Self.strings([
            ("encoder", StateDictBench.dictionary(part)),
            ("all", Self.strings([("m", StateDictBench.dictionary(whole))])),
        ])
        #expect(try bench.open(root).hasDecoder)
    }

    @Test("modules of something else beside the weights do not hide them")
    func looksPastOtherModules() throws {
        let metric = PickledModuleNode("torchmetrics.aggregation", "MeanMetric").pickle
        let root = Self.strings([("metric", metric), ("model", StateDictBench.dictionary(try bench.entries()))])
        for method in [LoadingChoice.automatic, .stateDict] {
            #expect(try bench.open(root, method: method).method == .stateDict)
        }
    }
}
