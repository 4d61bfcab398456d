import MAEText

extension WitnessReport {
    /// `PyTorch 2.13.0 (witness torch) agrees within tolerance: largest difference 3.6e-6, root mean square 7.1e-7`; without a full
    /// stop, to stand in a sentence.
    public var words: String {
        let name = "\(witness.program) (witness \(witness.node))"
        guard let maximum, let rms else { return "\(name) was compared with no result of this engine" }
        guard maximum > 0 else { return "\(name) has the very bits of this engine" }
        return (agrees ? "\(name) agrees within tolerance" : "\(name) does not agree") + ": "
            + Self.size(maximum, rms)
    }

    /// The figures of each method, as a sentence; there must be some.
    var methodWords: String {
        let sizes = methods.map { figures in
            (figures.maximum > 0
                ? "largest \(NumberText.short(figures.maximum)), root mean square \(NumberText.short(figures.rms))"
                : "the same bits") + Self.reservation(figures)
        }
        guard Set(sizes).count > 1 || sizes.count == 1 else {
            return "Difference by every method: \(sizes[0]) (mean over the tokens)."
        }
        return "Difference by method: "
            + zip(methods, sizes).map { "`\($0.method)` \($1)" }.joined(separator: "; ") + " (mean over the tokens)."
    }

    /// What keeps a method from agreeing: its output, or that it was not the same work.
    private static func reservation(_ figures: MethodFigures) -> String {
        guard !figures.agrees else { return "" }
        return figures.isClose ? ", within the tolerance, of other weights or settings" : ", beyond the tolerance"
    }

    private static func size(_ maximum: Double, _ rms: Double) -> String {
        "largest difference \(NumberText.short(maximum)), root mean square \(NumberText.short(rms))"
    }
}
