import ComputeTestSupport
import MAETensor
import Synchronization
import Testing

@testable import MAECompute

@Suite("Excerpts of a program")
struct ProgramExcerptTests {
    private static let example = Case.wholeModel(seed: 1)
    private static let program = example.program

    /// The position of the n-th operation that `isSearched`.
    private static func position(_ number: Int = 0, _ isSearched: (Operation) -> Bool) throws -> Int {
        let found = program.operations.indices.filter { isSearched(program.operations[$0]) }
        return try #require(found.count > number ? found[number] : nil)
    }

    @Test("any two excerpts that make up a program have its bits")
    func conformance() throws {
        #expect(try Self.example.cutsThatChangeBits(on: ReferenceBackend()) == [])
    }

    @Test("operations one by one, each on what those before it left, have the program's bits and its taps")
    func singles() throws {
        typealias Look = (name: String, value: Tensor)
        func looks(_ body: (RunControl) throws -> Void) rethrows -> [Look] {
            let seen = Mutex<[Look]>([])
            try body(RunControl(observer: { tap, value in seen.withLock { $0.append((tap.name, value)) } }))
            return seen.withLock(\.self)
        }
        let (program, example) = (Self.program, Self.example)
        let loaded = try ReferenceBackend().load(example.parameters)
        var whole: [Tensor] = []
        let expected = try looks {
            whole = try loaded.compile(program).run(inputs: example.inputs, indexTables: example.tables, control: $0)
        }
        var values = Dictionary(uniqueKeysWithValues: zip(program.inputs, example.inputs))
        let found = try looks { control in
            for index in program.operations.indices {
                let excerpt = program.excerpt(index..<index + 1)
                let inputs = try excerpt.inputs.map { try #require(values[$0]) }
                let outputs = try loaded.compile(excerpt.program)
                    .run(inputs: inputs, indexTables: excerpt.tables(of: example.tables), control: control)
                for (buffer, output) in zip(excerpt.outputs, outputs) { values[buffer] = output }
            }
        }
        #expect(zip(program.outputs, whole).allSatisfy { values[$0]?.elements == $1.elements })
        #expect(found.map(\.name) == expected.map(\.name) && found.map(\.value) == expected.map(\.value))
        #expect(expected.count == program.taps.count)
    }

    @Test("a residual that is overwritten goes in and comes out, under the number it has in the whole program")
    func residual() throws {
        let position = try Self.position {
            if case .linear(_, _, _, let residual, let output) = $0 { residual == output } else { false }
        }
        guard case .linear(let input, _, _, _, let tokens) = Self.program.operations[position] else { return }
        let excerpt = Self.program.excerpt(position..<position + 1)
        #expect(Set(excerpt.inputs) == [input, tokens] && excerpt.outputs == [tokens])
        #expect(excerpt.program[tokens] == Self.program[tokens])
        #expect(excerpt.indexTables == [])
    }

    @Test("what only a later operation overwrites is neither taken nor left")
    func overwritten() throws {
        let first = try Self.position { if case .layerNorm = $0 { true } else { false } }
        // The norm, the product and the attention of a block: only what the attention writes is read afterwards.
        let excerpt = Self.program.excerpt(first..<first + 3)
        #expect(excerpt.inputs == Self.program.operations[first].inputs)
        #expect(excerpt.outputs == [Self.program.operations[first + 2].output])
    }

    @Test("what is an output of the whole, or looked at later, is left though no operation reads it")
    func outputs() throws {
        let mean = try Self.position { if case .meanOverTokens = $0 { true } else { false } }
        #expect(Self.program.excerpt(mean..<mean + 1).outputs == [Self.program.operations[mean].output])
        var looked = Self.program.replacingTaps([])
        looked.tap("patches", Self.program.operations[1].output)
        #expect(looked.excerpt(1..<2).outputs == [Self.program.operations[1].output])
        let rest = looked.excerpt(3..<looked.operations.count)
        #expect(rest.inputs.contains(Self.program.operations[1].output))
        #expect(rest.program.taps.map(\.position) == [rest.program.operations.count])
    }

    @Test("an excerpt takes the index tables that it reads, and no other")
    func tables() throws {
        let restore = try Self.position { if case .restoreTokens = $0 { true } else { false } }
        let excerpt = Self.program.excerpt(restore..<restore + 1)
        #expect(excerpt.indexTables.map(\.index) == [1])
        #expect(excerpt.tables(of: Self.example.tables) == [Self.example.tables[1]])
        #expect(excerpt.program.indexTables == [Self.example.tables[1].count])
    }

    @Test("an operation of an excerpt stands where it stands in the whole, whatever is looked at")
    func places() {
        let places = Self.program.places
        for cut in 1..<places.count {
            #expect(Self.program.excerpt(0..<cut).program.places == Array(places[..<cut]))
            #expect(Self.program.excerpt(cut..<places.count).program.places == Array(places[cut...]))
        }
        let tapped = Self.program.tappingEachOperation()
        #expect(tapped.places == places)
        #expect(tapped.excerpt(3..<4).program.places == [places[3]])
        #expect(Self.program.replacingTaps([]).excerpt(3..<4).program.places == [places[3]])
    }

    @Test("operations are exchanged where they stand")
    func exchanged() throws {
        let last = Self.program.operations.count - 1
        let program = Self.program.replacingOperations { index, operation in
            guard case .layerNorm(let input, let parameters, _, let output) = operation else { return operation }
            return .layerNorm(input: input, parameters: parameters, epsilon: Float(index), output: output)
        }
        #expect(program.places == Self.program.places && program.taps == Self.program.taps)
        #expect(program.operations.count == last + 1)
        let epsilons = program.operations.enumerated().compactMap { index, operation in
            if case .layerNorm(_, _, let epsilon, _) = operation { epsilon == Float(index) } else { nil }
        }
        #expect(epsilons.count == 5 && epsilons.allSatisfy(\.self))
    }
}
