import MAECompute
import MAETensor
import TorchRandom

/// Small runs of the operations that compute, whose digests are known: a backend's evidence that it belongs to its class.
///
/// Linear layers with every activation, layer norm, attention and the mean are asked one by one; what only moves rows is
/// asked in a small masked model with its decoder.
///
/// A processor or compiler that computes differently shows itself here, before it computes anything that counts.
public struct KnownAnswers: Sendable, Hashable {
    /// An operation and the digest of what it gave.
    public struct Answer: Sendable, Hashable {
        /// Name of the operation.
        public let name: String
        /// Digest of the output.
        public let digest: SHA256Digest
    }

    /// One answer a question.
    public let answers: [Answer]

    /// Asks every question once on `backend`; a few milliseconds.
    public init(of backend: any ComputeBackend) throws {
        let operations = try Question.all.map { question in
            Answer(name: question.name, digest: try question.run(on: backend))
        }
        answers = operations + [Answer(name: "model", digest: try ModelQuestion.run(on: backend))]
    }

    /// Names of the operations whose answers differ from those of class `canonical-v1`; empty for a member.
    public var deviations: [String] {
        answers.filter { Self.canonical[$0.name] != $0.digest.description }.map(\.name)
    }

    /// The class of a backend that gave these answers: the one it states, or one of its own when they deviate.
    ///
    /// Backends that deviate in different ways have different classes, for their bits must not be compared. A class that
    /// a probe gave keeps its name, which says more than the answers do.
    func numericClass(of backend: BackendDescription) -> String {
        guard !deviations.isEmpty else { return backend.numericClass }
        var hasher = SHA256Hasher()
        for answer in answers { hasher.update("\(answer.name) \(answer.digest)\n") }
        let stated =
            backend.numericClass == NumericClass.canonical ? "\(backend.ownClass)-deviating" : backend.numericClass
        return "\(stated)-\(hasher.finalize().description.prefix(8))"
    }

    /// Why a backend that gave these answers is in its class, in a sentence: what it saw itself, and how it answered.
    func classReason(of backend: BackendDescription) -> String {
        let verdict =
            deviations.isEmpty
            ? "all \(answers.count) known answers match"
            : "known answers differ for \(deviations.joined(separator: ", "))"
        return [backend.evidence, verdict].compactMap(\.self).joined(separator: "; ")
    }
}

/// One operation with parameters and inputs drawn from a fixed seed; widths are no multiples of any tile or block.
private struct Question {
    let name: String
    let program: Program
    let parameters: ParameterSet
    let inputs: [Tensor]

    func run(on backend: any ComputeBackend) throws -> SHA256Digest {
        let outputs = try backend.load(parameters).compile(program)
            .run(inputs: inputs, indexTables: [], control: RunControl())
        return outputs[0].digest()
    }

    static var all: [Question] {
        [layerNorm, attention, mean] + ([nil] + Activation.allCases).map(linear)
    }

    private static func linear(_ activation: Activation?) -> Question {
        var random = TorchGenerator(seed: 1)
        let (rows, inputs, outputs) = (13, 300, 37)
        var parameters = ParameterSet()
        let id = parameters.add(
            LinearParameters(weights: [random.randn([outputs, inputs])], biases: [random.randn([outputs])]))
        var program = Program()
        let x = program.input(MatrixShape(rows: rows, columns: inputs))
        let residual = program.input(MatrixShape(rows: rows, columns: outputs))
        let y = program.buffer(MatrixShape(rows: rows, columns: outputs))
        program.append(.linear(input: x, parameters: id, activation: activation, residual: residual, output: y))
        program.output(y)
        return Question(
            name: activation.map { "linear+\($0.rawValue)" } ?? "linear", program: program, parameters: parameters,
            inputs: [random.randn([rows, inputs]), random.randn([rows, outputs])])
    }

    private static var layerNorm: Question {
        var random = TorchGenerator(seed: 2)
        let (rows, width) = (5, 203)
        var parameters = ParameterSet()
        let id = parameters.add(LayerNormParameters(scale: random.randn([width]), shift: random.randn([width])))
        var program = Program()
        let x = program.input(MatrixShape(rows: rows, columns: width))
        let y = program.buffer(MatrixShape(rows: rows, columns: width))
        program.append(.layerNorm(input: x, parameters: id, epsilon: 1e-12, output: y))
        program.output(y)
        return Question(
            name: "layernorm", program: program, parameters: parameters, inputs: [random.randn([rows, width])])
    }

    private static var attention: Question {
        var random = TorchGenerator(seed: 3)
        let (images, tokens, heads, width) = (2, 139, 3, 11)
        let hidden = heads * width
        var program = Program()
        let qkv = program.input(MatrixShape(rows: images * tokens, columns: 3 * hidden))
        let y = program.buffer(MatrixShape(rows: images * tokens, columns: hidden))
        program.append(.attention(qkv: qkv, images: images, heads: heads, scale: 0.3, output: y))
        program.output(y)
        return Question(
            name: "attention", program: program, parameters: ParameterSet(),
            inputs: [random.randn([images * tokens, 3 * hidden])])
    }

    private static var mean: Question {
        var random = TorchGenerator(seed: 4)
        let (images, tokens, width) = (2, 35, 19)
        var program = Program()
        let x = program.input(MatrixShape(rows: images * tokens, columns: width))
        let y = program.buffer(MatrixShape(rows: images, columns: width))
        program.append(.meanOverTokens(tokens: x, images: images, output: y))
        program.output(y)
        return Question(
            name: "mean", program: program, parameters: ParameterSet(),
            inputs: [random.randn([images * tokens, width])])
    }
}
