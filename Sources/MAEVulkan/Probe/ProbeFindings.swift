/// How a device answered the probe.
package struct ProbeFindings: Sendable, Hashable {
    /// Wrong answers to each question where all numbers are normal, by the question's number.
    package let wrong: [Int]
    /// Wrong answers where some number is subnormal.
    package let wrongWithSubnormals: [Int]

    /// Judges answers, question after question.
    package init(_ answers: [Float], to questions: ProbeQuestions) {
        let cases = ProbeQuestions.Question.allCases
        precondition(answers.count == questions.expected.count, "an answer to each question")
        var wrong = [Int](repeating: 0, count: cases.count)
        var wrongWithSubnormals = wrong
        for (index, (answer, expected)) in zip(answers, questions.expected).enumerated() {
            // Processors differ in the payloads of the NaNs they make, and digests make them one.
            if answer.bitPattern == expected.bitPattern || (answer.isNaN && expected.isNaN) { continue }
            let triple = index % ProbeQuestions.count
            let numbers = questions.operands.map { $0[triple] } + [answer, expected]
            if numbers.contains(where: \.isSubnormal) {
                wrongWithSubnormals[index / ProbeQuestions.count] += 1
            } else {
                wrong[index / ProbeQuestions.count] += 1
            }
        }
        self.wrong = wrong
        self.wrongWithSubnormals = wrongWithSubnormals
    }

    /// What keeps the device out of the class; the gravest where there are several.
    package enum Fault: String, Sendable, CaseIterable {
        /// Products and sums that should be rounded apart are fused, or other plain arithmetic is wrong.
        case contracting
        /// Fused multiply-adds are rounded twice.
        case unfused
        /// Functions that are built from exact steps come out wrong.
        case deviating
        /// Subnormal numbers become zero.
        case flushing
    }

    /// The gravest fault; nil when every answer is right.
    package var fault: Fault? {
        for question in [ProbeQuestions.Question.sum, .difference, .productBesideFMA, .productAndSumApart, .storage]
        where wrong[question.rawValue] > 0 { return .contracting }
        if wrong[ProbeQuestions.Question.fma.rawValue] > 0 || wrong[ProbeQuestions.Question.chain.rawValue] > 0 {
            return .unfused
        }
        if wrong.contains(where: { $0 > 0 }) { return .deviating }
        return wrongWithSubnormals.contains { $0 > 0 } ? .flushing : nil
    }

    /// The questions that were answered wrongly and how often, for people; empty when all is right.
    package var text: String {
        ProbeQuestions.Question.allCases.compactMap { question in
            let (plain, subnormal) = (wrong[question.rawValue], wrongWithSubnormals[question.rawValue])
            guard plain + subnormal > 0 else { return nil }
            let note = plain == 0 ? ", all with subnormals" : ""
            return "\(question.text): \(plain + subnormal) of \(ProbeQuestions.count) wrong\(note)"
        }.joined(separator: "; ")
    }
}
