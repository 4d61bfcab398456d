import MAECPU
import MAECompute
import MAEDomain
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEEngine

@Suite("Looking closely at a layer")
struct ExaminationTests {
    private static let path = Goldens.path("checkpoints/hub5")
    private static let request = BatchRequest(
        seed: 3, pixels: .seeded(images: LoadedModel.imagesPerPass + 3), maskRatio: 0.5, recordsLayerDigests: true)
    private static let layers: [EncoderLayer] = [.embeddings, .block(0), .block(1), .finalNorm]

    private func model(_ options: EngineOptions = EngineOptions(threads: 2)) throws -> LoadedModel {
        try Engine(options).load(Self.path)
    }

    @Test("the digests after each operation are the reference's, and the last is that of the layer", arguments: layers)
    func digests(layer: EncoderLayer) throws {
        let model = try model()
        let question = Examination(layer: layer)
        let answer = try model.examine(Self.request, question)
        let reference = try self.model(EngineOptions(backend: .reference)).examine(Self.request, question)
        #expect(answer == reference)
        #expect(Set(answer.operations.map(\.digest)).count == answer.operations.count)
        let result = try model.run(Self.request)
        let last = answer.operations.last?.digest
        switch layer {
        case .embeddings: #expect(last == result.layerDigests?.states.first)
        case .block(let index): #expect(last == result.layerDigests?.states[index + 1])
        case .finalNorm:
            #expect(answer.operations.map(\.digest) == [result.digests.layernorm, result.digests.pooled])
        }
        #expect(answer.images.count == LoadedModel.imagesPerPass + 3)
        #expect(answer.output == nil && answer.states == nil && answer.repetitions.isEmpty)
    }

    @Test("values are those of the images and the operation that were asked for, over the parts of a batch")
    func values() throws {
        let model = try model()
        var question = Examination(layer: .block(1))
        question.operation = 5
        question.images = [17, 2]
        let output = try #require(try model.examine(Self.request, question).output)
        #expect(output.operation == 5 && output.images == [2, 17])
        question.images = [17]
        let one = try #require(try model.examine(Self.request, question).output)
        #expect(output.values.rows(1..<2).hasSameBits(as: one.values))
        #expect(one.values.shape[0] == 1)
    }

    @Test("without a number, the values are those of the first operation whose digest is another")
    func expected() throws {
        let model = try model()
        var question = Examination(layer: .block(0))
        let digests = try model.examine(Self.request, question).operations.map(\.digest)
        question.images = [0]
        question.expected = digests
        #expect(try model.examine(Self.request, question).output == nil)
        question.expected[3] = digests[0]
        question.expected[5] = digests[0]
        #expect(try model.examine(Self.request, question).output?.operation == 3)
    }

    @Test("blocks that begin with the states of another node give that node's states")
    func restart() throws {
        var question = Examination(layer: .block(0))
        question.images = [4]
        question.wantsStates = true
        let states = try #require(
            try model(EngineOptions(backend: .reference)).examine(Self.request, question).states)
        #expect(states.shape[0] == 3)
        var again = Examination(layer: .block(0))
        again.states = states
        let model = try model()
        let expected = (1..<3).map { states.rows($0..<$0 + 1).digest() }
        #expect(try model.examine(Self.request, again).restarted == expected)
        // The first block from the layer on begins with the first state.
        again.layer = .block(1)
        again.states = states.rows(1..<3)
        #expect(try model.examine(Self.request, again).restarted == [expected[1]])
    }

    @Test("repetitions give the same bits, on each processor alone too")
    func repetitions() throws {
        var question = Examination(layer: .block(1))
        question.repetitions = 6
        let answer = try model().examine(Self.request, question)
        #expect(answer.repetitions.count { $0.processor == nil } == 3)
        let bound = answer.repetitions.compactMap(\.processor)
        let allowed = Processor.allowedNumbers
        #expect(bound.count >= 3)
        #expect(allowed.count > 48 || Set(bound) == Set(allowed))
        #expect(answer.repetitions.allSatisfy { $0.digests == answer.operations.map(\.digest) })
        // A backend that cannot be bound repeats as it always computes.
        let reference = try model(EngineOptions(backend: .reference)).examine(Self.request, question)
        #expect(reference.repetitions.map(\.processor) == [Int?](repeating: nil, count: 6))
    }

    @Test("what the pass does not have is refused")
    func refused() throws {
        let model = try model()
        var questions = [Examination(layer: .block(2))]
        questions.append(Examination(layer: .block(0)))
        questions[1].operation = 7
        questions.append(Examination(layer: .block(0)))
        questions[2].images = [19]
        questions.append(Examination(layer: .block(0)))
        questions[3].states = Tensor(shape: [1, 2, 3], repeating: 0)
        for question in questions {
            let error = #expect(throws: ComputeError.self) { try model.examine(Self.request, question) }
            #expect(error?.code == .invalidInput)
        }
    }
}
