import MAEDomain
import MAEVerify
import TestSupport
import Testing

/// A run that is planned or carried out so that it has one finding, and what is expected of that.
struct FindingCase: Sendable, CustomTestStringConvertible {
    /// The code of the finding.
    let code: String
    /// How much it matters.
    let severity: Severity
    /// What its sentence begins with.
    let sentence: String
    /// What a line of its evidence contains; nil where none is asked for.
    var evidence: String?
    /// What is to be done about it; nil where none is asked for.
    var remedy: String?
    /// Names of exactly the nodes that its cells are of; nil where that says nothing.
    var nodes: Set<String>?
    /// Labels of exactly the methods that its cells are of; nil where that says nothing.
    var methods: Set<String>?
    /// Names of exactly the nodes whose results are marked as those of a suspect; nil where that says nothing.
    var suspects: Set<String>?
    /// Codes of other warnings that the run has by its nature.
    var alongside: Set<String> = []

    /// The workers that come.
    var workers = ["a", "b", "c"]
    /// What is wrong with them.
    var faults: [Fault] = []
    /// How many results there are when the run is interrupted; nil lets it end by itself.
    var interruptedAfter: Int?
    /// Done to the files in the folder of the run when all results are there.
    var afterResults: (@Sendable (TemporaryDirectory) throws -> Void)?
    /// Makes the plan of the run, and the files that it needs in a folder of its own.
    var plan: @Sendable (inout RunPlan, TemporaryDirectory) throws -> Void = { _, _ in }

    init(_ code: String, _ severity: Severity = .error, _ sentence: String) {
        (self.code, self.severity, self.sentence) = (code, severity, sentence)
    }

    var testDescription: String { "\(code): \(sentence)" }

    /// The same case with changes.
    func with(_ change: (inout FindingCase) -> Void) -> FindingCase {
        var copy = self
        change(&copy)
        return copy
    }
}
