import MAEDomain
import MAEExplain
import MAEVerify
import Testing

@Suite("The forum thread, explained from what PyTorch saved")
struct ThreadTests {
    @Test("the first script's outputs are three draws of one model")
    func recognizesFirstScript() throws {
        let site = try ThreadSite()
        let explanation = try site.explain(site.files.files(.first))
        #expect(explanation.recognized.map(\.draw) == [0, 1, 2])
        #expect(explanation.recognized.allSatisfy { $0.maskRatio == 0.75 && $0.reduction == .mean && $0.kept == 4 })
        #expect(explanation.recognized.allSatisfy { $0.distance < 1e-5 && $0.precision == .rounding })
        #expect(explanation.outputPairs.allSatisfy { $0.cause == .masks })
        #expect(explanation.outcome == .disagree)
        let cause = try #require(explanation.findings.first)
        #expect(cause.code == "noise-not-shared")
        #expect(cause.python?.contains("torch.rand(8, 16)") == true)
    }

    @Test("what PyTorch shows is predicted to six digits")
    func predictsPyTorch() throws {
        let site = try ThreadSite()
        let explanation = try site.explain(site.files.files(.first))
        let prediction = try #require(explanation.prediction)
        #expect(prediction.pairs.count == 3)
        for (predicted, seen) in zip(prediction.pairs, explanation.outputPairs) {
            guard case .differs(let size) = predicted.asTheyRun else {
                Issue.record("\(predicted.asTheyRun)")
                continue
            }
            #expect(abs(size - (try #require(seen.difference))) < 1e-6)
            #expect(predicted.sameMask == .equal)
        }
        let rounding = try #require(prediction.rounding)
        #expect(rounding > 0 && rounding < 1e-5)
    }

    @Test("the second script's are another ratio, and one set of tokens in two orders")
    func recognizesSecondScript() throws {
        let site = try ThreadSite()
        let explanation = try site.explain(site.files.files(.second))
        #expect(explanation.recognized.map(\.draw) == [0, 1, 2])
        #expect(explanation.recognized.map(\.maskRatio) == [0, 0.75, 0])
        #expect(explanation.recognized.allSatisfy { $0.reduction == .none && $0.distance < 1e-5 })
        #expect(explanation.outputPairs.map(\.cause) == [.maskRatios, .order, .maskRatios])
        let order = explanation.outputPairs[1]
        #expect(try #require(order.difference) > 0.1)
        #expect(try #require(order.inOneOrder) < 1e-5)
        #expect(explanation.codes.prefix(2) == ["stale-file", "mask-ratio-differs"])
        #expect(explanation.codes.contains("permuted-tokens"))
        let stale = try #require(explanation.findings.first)
        #expect(stale.sentence.contains("`\(ThreadSite.stale)` is 3 days older than `\(ThreadSite.pickled)`"))
        #expect(stale.python?.contains(ThreadSite.pickled) == true)
    }

    @Test("all four causes are named, and none without its evidence")
    func namesAllCauses() throws {
        let site = try ThreadSite()
        let explanations = try ThreadFiles.Script.allCases.map { try site.explain(site.files.files($0)) }
        #expect(
            ThreadAnswer(first: explanations[0], second: explanations[1]).causes.map(\.isShown) == [
                true, true, true, true,
            ])
        let wrong = ThreadAnswer(first: explanations[1], second: explanations[0])
        #expect(wrong.causes.map(\.isShown) == [false, false, false, true])
    }

    @Test("nothing is called stale for a value that it does not hold")
    func blamesNoSilentFile() throws {
        let site = try ThreadSite()
        // The state dict says nothing of a ratio: 0 is the person's own word.
        let explanation = try site.explain([
            site.file(.second, ThreadSite.stale), site.file(.second, ThreadSite.weights, maskRatio: 0),
        ])
        #expect(explanation.codes.contains("mask-ratio-differs"))
        let stale = explanation.findings.filter { $0.code == "stale-file" }
        // What lies next to the .cpkt, and was written later, says so.
        #expect(stale.map(\.severity) == [.warning])
        #expect(
            stale.allSatisfy { $0.sentence.contains("\(ThreadSite.pickled): was written 3 days after") }, "\(stale)")
    }

    @Test("with ratio 0 everywhere nothing differs but the order of sums")
    func agreesWithoutMask() throws {
        let site = try ThreadSite()
        let explanation = try site.explain([
            site.file(.second, ThreadSite.pickled), site.file(.second, ThreadSite.weights, maskRatio: 0),
        ])
        #expect(explanation.outcome == .agree)
        #expect(explanation.codes.contains("permuted-tokens"))
        #expect(explanation.sentence.contains("order of PyTorch's sums"))
    }

    @Test("a single model is called twice")
    func callsSingleModelTwice() throws {
        let site = try ThreadSite()
        let masked = try site.explain([site.file(.first, ThreadSite.pickled)])
        #expect(masked.outcome == .disagree && masked.codes.first == "noise-not-shared")
        let whole = try site.explain([site.file(.second, ThreadSite.pickled)])
        #expect(whole.outcome == .agree)
    }

    @Test("a run with shared noise is told the very figure that PyTorch gave")
    func predictsSequentialDraws() throws {
        let site = try ThreadSite()
        let seen = try site.explain((1...3).map { site.file(.first, "out\($0).npy") }).outputPairs
        let method = LoadingMethod(
            kind: .full, label: "full", path: "\(site.folder.path)/first/\(ThreadSite.pickled)")
        let plan = RunPlan(run: "r", seed: 42, batches: 1, batchSize: 8, methods: [method, method, method], workers: 1)
        let draws = SequentialDraws.predict(method, in: plan)
        #expect(draws.calls == 3 && draws.images == 8)
        let largest = try #require(seen.compactMap(\.difference).max())
        #expect(abs(try #require(draws.largest) - largest) < 1e-6)
        let missing = LoadingMethod(kind: .full, label: "full", path: site.folder.file("nothing.pth"))
        #expect(SequentialDraws.predict(missing, in: plan).largest == nil)
    }
}
