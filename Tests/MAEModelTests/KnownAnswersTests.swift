import MAECompute
import Synchronization
import Testing

@testable import MAEEngine

@Suite("Known answers")
struct KnownAnswersTests {
    @Test("the reference gives the answers that define the class")
    func reference() throws {
        let answers = try KnownAnswers(of: ReferenceBackend())
        let listing = answers.answers.map { "\"\($0.name)\": \"\($0.digest)\"," }.joined(separator: "\n")
        #expect(answers.deviations == [], "\(listing)")
        #expect(answers.answers.count == 5 + Activation.allCases.count)
    }

    @Test("a backend that computes otherwise is noticed")
    func deviation() throws {
        let answers = try KnownAnswers(of: Deviating())
        #expect(answers.deviations == ["layernorm", "model"])
    }

    @Test("backends that deviate in the same way are in one class, others in another")
    func classes() throws {
        let description = ReferenceBackend().description
        let classes = try [Deviating(), Deviating(), Deviating(by: 1e-2)].map {
            try KnownAnswers(of: $0).numericClass(of: description)
        }
        #expect(classes[0] == classes[1] && classes[1] != classes[2])
        #expect(classes.allSatisfy { $0.hasPrefix("reference-none-deviating-") })
        #expect(try KnownAnswers(of: ReferenceBackend()).numericClass(of: description) == NumericClass.canonical)
    }

    @Test("a backend's reason for its class tells what it saw itself and how it answered")
    func reasons() throws {
        let plain = ReferenceBackend().description
        let probed = BackendDescription(
            backend: "b", device: "d", instructionSet: "i", threads: 1, numericClass: "n", evidence: "the probe passes")
        let right = try KnownAnswers(of: ReferenceBackend())
        #expect(right.classReason(of: plain) == "all \(right.answers.count) known answers match")
        #expect(right.classReason(of: probed) == "the probe passes; all \(right.answers.count) known answers match")
        #expect(try KnownAnswers(of: Deviating()).classReason(of: plain) == "known answers differ for layernorm, model")
    }

    @Test("the build names the release and the program")
    func build() {
        #expect(Engine.build.wholeMatch(of: /mae-cluster \d+\.\d+\.\d+\+[0-9a-f]{12}/) != nil, "\(Engine.build)")
    }

    @Test("a backend that begins to err gives no result from the check that finds it out on")
    func watch() throws {
        let (right, wrong) = (try KnownAnswers(of: ReferenceBackend()), try KnownAnswers(of: Deviating()))
        let asked = Mutex(0)
        let errs = Mutex(false)
        let watch = AnswerWatch(expecting: right, interval: 3) {
            asked.withLock { $0 += 1 }
            return errs.withLock(\.self) ? wrong : right
        }
        // After the first pass and after each third from there.
        for pass in 0..<5 { #expect(try watch.checking { pass } == pass) }
        #expect(asked.withLock(\.self) == 2)
        errs.withLock { $0 = true }
        #expect(try watch.checking { 5 } == 5)
        let error = #expect(throws: ComputeError.self) { try watch.checking { 6 } }
        #expect(error?.code == .deviceMiscomputed)
        #expect(error?.message.contains("layernorm") == true)
        let again = #expect(throws: ComputeError.self) {
            try watch.checking { Issue.record("a pass ran on a device that errs") }
        }
        #expect(again == error)
    }

    @Test("a question that could not be asked is asked after the next pass")
    func askedAgain() throws {
        let right = try KnownAnswers(of: ReferenceBackend())
        let asked = Mutex(0)
        let full = ComputeError(.outOfMemory, "full")
        let watch = AnswerWatch(expecting: right, interval: 64) {
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count == 1 { throw full }
            return right
        }
        let error = #expect(throws: ComputeError.self) { try watch.checking {} }
        #expect(error == full)
        try watch.checking {}
        #expect(asked.withLock(\.self) == 2)
        for _ in 0..<62 { try watch.checking {} }
        #expect(asked.withLock(\.self) == 2)
    }

    @Test("a backend that chose to compute in another way is asked again")
    func variants() throws {
        let right = try KnownAnswers(of: ReferenceBackend())
        let asked = Mutex(0)
        let variant = Mutex("32x32")
        let watch = AnswerWatch(expecting: right, interval: 64, variant: { variant.withLock(\.self) }) {
            asked.withLock { $0 += 1 }
            return right
        }
        for _ in 0..<3 { try watch.checking {} }
        #expect(asked.withLock(\.self) == 1)
        try watch.checking { variant.withLock { $0 = "64x64" } }
        try watch.checking {}
        #expect(asked.withLock(\.self) == 2)
    }

    @Test(
        "a class that a probe gave keeps its name beside the answers' digest, another begins as the backend says")
    func classesOfDevices() throws {
        let (right, wrong) = (try KnownAnswers(of: ReferenceBackend()), try KnownAnswers(of: Deviating()))
        func name(_ answers: KnownAnswers, _ probed: String, own: String) -> String {
            answers.numericClass(
                of: BackendDescription(
                    backend: "vulkan", device: "d", instructionSet: "fma-native", threads: 1, numericClass: probed,
                    ownClass: own))
        }
        let (first, second) = ("vulkan-d-x-11111111", "vulkan-d-x-22222222")
        let probed = name(wrong, first + "-unfused", own: first)
        #expect(probed.wholeMatch(of: /vulkan-d-x-11111111-unfused-[0-9a-f]{8}/) != nil, "\(probed)")
        let canonical = name(wrong, NumericClass.canonical, own: first)
        #expect(canonical.wholeMatch(of: /vulkan-d-x-11111111-deviating-[0-9a-f]{8}/) != nil, "\(canonical)")
        #expect(name(wrong, NumericClass.canonical, own: second) != canonical)
        #expect(name(right, first + "-flushing", own: first) == first + "-flushing")
    }

    @Test("a watch without an interval asks nothing")
    func unwatched() throws {
        let watch = AnswerWatch(expecting: try KnownAnswers(of: ReferenceBackend()), interval: nil) {
            Issue.record("asked")
            return try KnownAnswers(of: ReferenceBackend())
        }
        for pass in 0..<3 { #expect(try watch.checking { pass } == pass) }
    }
}

/// The reference with another epsilon in its layer norms: a stand-in for a miscompiled kernel.
private struct Deviating: ComputeBackend {
    var by: Float = 1e-3
    var description: BackendDescription { ReferenceBackend().description }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        Parameters(base: try ReferenceBackend().load(parameters), by: by)
    }

    private final class Parameters: LoadedParameters {
        let base: any LoadedParameters
        let by: Float

        init(base: any LoadedParameters, by: Float) {
            self.base = base
            self.by = by
        }

        func compile(_ program: Program) throws -> any Executable {
            var changed = Program()
            let inputs = Set(program.inputs)
            for (index, shape) in program.buffers.enumerated() {
                _ = inputs.contains { $0.index == index } ? changed.input(shape) : changed.buffer(shape)
            }
            for count in program.indexTables { _ = changed.indexTable(count: count) }
            for operation in program.operations {
                if case .layerNorm(let input, let parameters, let epsilon, let output) = operation {
                    changed.append(
                        .layerNorm(input: input, parameters: parameters, epsilon: epsilon + by, output: output))
                } else {
                    changed.append(operation)
                }
            }
            for (output, shape) in zip(program.outputs, program.outputShapes) { changed.output(output, as: shape) }
            return try base.compile(changed)
        }
    }
}
