extension Diagnosis {
    /// One loading method computes other bits on every node, although everything known about what it loaded is equal.
    static let loaderOutlier: Rule = { context in
        context.outliers { kind in
            guard case .methods = kind else { return false }
            return true
        } describe: { suspect in
            let path = suspect.cells.first.map { context.cells[$0].method.place } ?? ""
            return Finding(
                code: .loaderOutlier, severity: .error,
                sentence:
                    "\(suspect.scope.words) computes other bits, though its weights, configuration, input and mask "
                    + "are those of the other methods: the way of loading \(path) is at fault.",
                evidence: context.tieEvidence(suspect),
                remedy: "Convert the file with `mae-coord checkpoint convert` and compare again; report it with the "
                    + "output of `mae-coord checkpoint inspect`.")
        }
    }
}
