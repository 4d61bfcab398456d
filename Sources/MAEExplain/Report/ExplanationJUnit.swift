import MAEReport
import MAEText
import MAEVerify

/// An explanation as JUnit XML: each two calls, each two outputs and each two recorded calls are a test case.
public enum ExplanationJUnit {
    /// Renders the document, ending in a newline.
    public static func render(_ explanation: Explanation) -> String {
        let names = explanation.callLabels
        var cases: [(name: String, failure: String?)] = []
        for pair in explanation.prediction?.pairs ?? [] {
            var failure: String?
            switch pair.asTheyRun {
            case .differs(let size): failure = "PyTorch shows a difference of \(NumberText.short(size))"
            case .notFinite: failure = "PyTorch shows NaN or infinity"
            case .equal, .rounding, .incomparable: break
            }
            cases.append(("\(names[pair.left]) = \(names[pair.right])", failure))
        }
        for pair in explanation.outputPairs {
            let labels = "\(explanation.outputs[pair.left].label) = \(explanation.outputs[pair.right].label)"
            cases.append((labels, pair.isReal ? pair.words(explanation) : nil))
        }
        for pair in explanation.recordingPairs {
            let labels = "\(explanation.label(pair.left)) = \(explanation.label(pair.right))"
            cases.append((labels, pair.isReal ? pair.words(explanation) : nil))
        }
        for run in explanation.recordedRuns {
            let labels = "\(explanation.label(run.call)) = \(explanation.models[run.model].label)"
            cases.append((labels, run.isRounding ? nil : "they differ by \(NumberText.short(run.difference))"))
        }
        let failures = cases.count { $0.failure != nil }
        let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
        let lines = cases.flatMap { name, failure -> [String] in
            let head = "    <testcase classname=\"mae.explain\" name=\"\(SafeText.markup(name))\""
            guard let failure else { return [head + "/>"] }
            return [head + ">", "      <failure message=\"\(SafeText.markup(failure))\"/>", "    </testcase>"]
        }
        return
            (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"mae-coord explain\" \(counts)>"]
            + ["  <testsuite name=\"explain\" \(counts)>"] + lines + ["  </testsuite>", "</testsuites>"])
            .joined(separator: "\n") + "\n"
    }
}
