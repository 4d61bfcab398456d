import MAECompute
import MAEEngine
import MAETensor

/// Passes over one batch for some time, each compared with the first.
struct Soak {
    /// What was seen.
    struct Findings {
        /// Passes that ended.
        var passes = 0
        /// How often the known questions were asked.
        var answersAsked = 0
        /// What was wrong, after which the passes stopped; nil when nothing was.
        var fault: String?
    }

    let backend: any ComputeBackend
    /// Computes the batch once and returns its outputs by name.
    let pass: () throws -> [(name: String, value: Tensor)]
    /// Passes between two askings.
    let interval: Int

    /// Computes until `isOver`, at least once after the pass that the others are compared with.
    ///
    /// The known questions are asked before the first pass, after every ``interval``-th, and after the last.
    func run(until isOver: () -> Bool) throws -> Findings {
        var findings = Findings()
        try ask(&findings)
        guard findings.fault == nil else { return findings }
        let first = try pass()
        findings.passes = 1
        repeat {
            let output = try pass()
            findings.passes += 1
            let wrong = zip(output, first).filter { !$0.value.hasSameBits(as: $1.value) }.map(\.0.name)
            guard wrong.isEmpty else {
                findings.fault =
                    "\(wrong.joined(separator: ", ")) of pass \(findings.passes) differ from the first pass"
                return findings
            }
            guard findings.passes % interval == 0 else { continue }
            try ask(&findings)
        } while findings.fault == nil && !isOver()
        if findings.fault == nil { try ask(&findings) }
        return findings
    }

    private func ask(_ findings: inout Findings) throws {
        let deviations = try KnownAnswers(of: backend).deviations
        findings.answersAsked += 1
        guard !deviations.isEmpty else { return }
        findings.fault = "known answers differ after pass \(findings.passes): \(deviations.joined(separator: ", "))"
    }
}
