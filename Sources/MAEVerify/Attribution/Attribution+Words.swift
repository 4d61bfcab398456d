import MAEDomain
import MAEText

extension Attribution {
    /// What is known, as sentences of evidence.
    var evidence: [String] {
        [operationWords] + (elements?.sentences(of: suspected.node) ?? []) + blockWords + repetitionWords + hintWords
    }

    /// Where it begins, as a sentence to stand behind that of a finding; empty where no operation is known.
    var beginning: String {
        operation.map { " It begins in `\(layer.name)`, at \($0.words)." } ?? ""
    }

    private var operationWords: String {
        guard let operation else {
            return "When both ran it again, no operation of `\(layer.name)` differed between \(suspected.node) and "
                + "\(reference.node)."
        }
        let before =
            switch operation.position {
            case 1: "it is the first one"
            case 2: "the one before it agrees bit for bit"
            default: "the \(operation.position - 1) before it agree bit for bit"
            }
        return "In `\(layer.name)` the first operation that differs is \(operation.position) of \(operation.count), "
            + "\(operation.words), \(operation.rows) × \(operation.columns) an image; \(before)."
    }

    private var hintWords: [String] { hint.map { [$0.sentence(of: suspected.node, against: reference.node)] } ?? [] }

    private var blockWords: [String] {
        let later = adding.filter { $0 != layer }
        var words: [String] = []
        if !later.isEmpty {
            words.append(
                "Begun with the tokens of \(reference.node), \(Self.list(later)) add\(later.count == 1 ? "s" : "") a difference "
                    + "of \(later.count == 1 ? "its" : "their") own.")
        }
        let passing = inheriting.filter { $0 != layer }
        if !passing.isEmpty {
            words.append(
                "Begun with the tokens of \(reference.node), \(Self.list(passing)) give\(passing.count == 1 ? "s" : "") the "
                    + "same bits: \(passing.count == 1 ? "it" : "they") only pass\(passing.count == 1 ? "es" : "") the difference on."
            )
        }
        return words
    }

    /// `block 8`, `blocks 8 to 11`, `blocks 8, 10 and 11`.
    private static func list(_ layers: [EncoderLayer]) -> String {
        let numbers = layers.compactMap { if case .block(let index) = $0 { index } else { nil } }
        guard let first = numbers.first, let last = numbers.last else { return "" }
        if numbers.count == 1 { return "block \(first)" }
        return numbers.count > 2 && last - first == numbers.count - 1
            ? "blocks \(first) to \(last)" : "blocks \(NumberText.list(numbers.map(String.init)))"
    }

    private var repetitionWords: [String] {
        guard let repetitions else { return [] }
        let bound = repetitions.processors
        let boundRuns = bound.reduce(0) { $0 + $1.runs }
        let boundWrong = bound.reduce(0) { $0 + $1.wrong }
        let (runs, wrong) = (repetitions.runs + boundRuns, repetitions.wrong + boundWrong)
        let odd = bound.filter { $0.wrong > 0 }
        let node = suspected.node
        if wrong == 0 {
            return [
                "\(NumberText.count(runs, "more run")) on \(node) gave the bits of \(reference.node): intermittent."
            ]
        }
        if repetitions.isOfSomeProcessors {
            let names = NumberText.list(odd.map { "\($0.processor)" })
            return [
                "Bound to one processor at a time, \(node) differs on \(odd.count == 1 ? "processor" : "processors") \(names) and on "
                    + "no other of \(bound.count): \(odd.count == 1 ? "that core is" : "those cores are") at fault."
            ]
        }
        if wrong == runs {
            return [
                "\(NumberText.count(runs, "more run")) on \(node) all differed, on every processor tried: a hard fault."
            ]
        }
        return ["\(wrong) of \(NumberText.count(runs, "more run")) on \(node) differed: intermittent."]
    }
}
