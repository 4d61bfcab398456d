import FaultTestSupport
import Foundation
import TestSupport
import Testing

@Suite("mae-coord verify of honest workers and one with a planted fault", .serialized)
struct PlantedFaultTests {
    @Test(
        "names node, layer and operation in every report, and blames nothing else", arguments: FaultCase.all.sampled(6))
    func found(_ fault: FaultCase) async throws { try await check(fault) }

    @Test(
        "names the node that errs on its Vulkan device",
        .enabled(if: MesaDevice.isInstalled, "Mesa's processor driver is not installed"))
    func vulkan() async throws { try await check(FaultCase.vulkan, environment: MesaDevice.environment) }

    @Test("double precision decides between two nodes where the referee sees no fault")
    func tie() async throws {
        let folder = try TemporaryDirectory()
        try FaultModel.write(to: folder.file("model"))
        // The batch of the run alone has one image, and a batch of more than 32 is not computed again.
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(folder.file("model"))", "--batches", "1", "--batch-size", "33", "--bind",
                "ipc://\(folder.file("socket"))",
            ], folder: folder)
        // The faulty one comes first by name, so that no order makes it the odd one.
        let workers = [
            try site.worker("z"), try site.faultyWorker("faulty", spec: "bit=24,layer=3,operation=6,image=2"),
        ]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let finding = try #require(try site.report.objects("findings").first { $0["severity"] == "error" })
        let evidence = try finding.strings("evidence")
        #expect(evidence.contains { $0.hasPrefix("Against float64, faulty is off by") }, "\(evidence)")
        #expect(finding["sentence"]?.contains("faulty") ?? false, "\(result.output)")
        #expect(evidence.contains { $0.contains("the first operation that differs is 6 of 7") }, "\(evidence)")
        #expect(evidence.contains { $0.hasPrefix("faulty has ") }, "\(evidence)")
        let decided = try site.report.object("referee").objects("float64")
        #expect(try decided.first?.object("wrong")["node"] == "faulty" && decided.first?.number("image") == 2)
    }

    private func check(_ fault: FaultCase, environment: [String: String] = [:]) async throws {
        let site = try await Self.site(workers: 3)
        let workers = [
            try site.worker("first"), try site.worker("second"),
            try site.faultyWorker("faulty", fault, environment: environment),
        ]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == (fault.isSeenInOutput ? 1 : 0), "\(result.output)\(result.errors)")

        let findings = try site.report.objects("findings")
        let blaming = findings.filter { $0["severity"] == "error" || $0["code"] == "hidden-difference" }
        #expect(blaming.count == 1, "\(result.output)")
        let finding = try #require(blaming.first)
        let sentence = try #require(finding["sentence"])
        #expect(sentence.contains("faulty") && !sentence.contains("first,") && !sentence.contains("second"))
        #expect(fault.isSeenInOutput || finding["code"] == "hidden-difference")
        #expect(sentence.contains("It begins in `\(fault.layer)`"), "\(sentence)")

        let attribution = try #require(try site.report.objects("attributions").first)
        #expect(attribution["layer"] == fault.layer)
        let operation = try attribution.object("operation")
        #expect(operation.number("position") == Double(fault.operation))
        let elements = try attribution.object("elements")
        if let hint = fault.hint { #expect(attribution["hint"] == hint, "\(result.output)") }
        if let places = fault.places { #expect(elements["pattern"] == places, "\(result.output)") }
        if case .bit(let bit) = fault.pattern.change {
            #expect(elements["any_bits"] == Self.hexadecimal(1 << UInt32(bit)))
        }
        // Every report tells where it begins.
        let name = try #require(operation["name"])
        for report in [result.output, try site.text("report.xml"), try site.text("report.html")] {
            let words = report.split { $0.isWhitespace }.joined(separator: " ")
            #expect(words.contains(fault.layer))
            #expect(
                words.contains(name) || words.contains(name.replacingOccurrences(of: "→", with: "&#8594;")), "\(name)")
        }
    }

    @Test("with two nodes the referee says which of them errs, and without it neither is blamed alone")
    func majority() async throws {
        for options in [[], ["--no-referee"]] {
            let site = try await Self.site(workers: 2, options)
            let fault = try #require(FaultCase.operations.first)
            let workers = [try site.worker("honest"), try site.faultyWorker("faulty", fault)]
            let result = try await site.coordinator.result()
            try await VerifySite.dismiss(workers)
            #expect(result.exitCode == 1)
            let evidence = try site.report.objects("findings").flatMap { try $0.strings("evidence") }
            #expect(evidence.contains { $0.hasPrefix("No majority") } == !options.isEmpty, "\(result.output)")
            #expect(try site.report.objects("attributions").first?["layer"] == fault.layer)
        }
    }

    @Test("two nodes that fail alike are a platform")
    func platform() async throws {
        let site = try await Self.site(workers: 5)
        let fault = try #require(FaultCase.conditions.first { $0.options == ["--isa", "scalar"] })
        var workers = try ["a", "b", "c"].map { try site.worker($0) }
        workers += try ["d", "e"].map { try site.faultyWorker($0, fault) }
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 1)
        let errors = try site.report.objects("findings").filter { $0["severity"] == "error" }
        #expect(errors.count == 1 && errors.first?["code"] == "platform-outlier", "\(result.output)")
        let sentence = try #require(errors.first?["sentence"])
        #expect(sentence.contains("instruction set scalar (d and e)") && sentence.contains(fault.layer), "\(sentence)")
    }

    @Test("a worker of a release knows no option for a fault, and no variable")
    func release() async throws {
        let refused = try await Program.worker.run("--fault", "bit=1")
        #expect(refused.exitCode == 64 && refused.errors.contains("Unknown option '--fault'"), "\(refused.errors)")
        let help = try await Program.worker.run("--help")
        #expect(!help.output.contains("fault SPEC") && !help.output.contains("--fault"))
        let faulty = try await Program.faultyWorker.run("--fault", "bit=99")
        #expect(faulty.exitCode == 64, "\(faulty.errors)")
    }

    private static func site(workers: Int, _ options: [String] = []) async throws -> VerifySite {
        let folder = try TemporaryDirectory()
        try FaultModel.write(to: folder.file("model"))
        return try await VerifySite(
            [
                "--method", "pretrained=\(folder.file("model"))", "--batches", "2",
                "--batch-size", "\(FaultModel.images)", "--bind", "ipc://\(folder.file("socket"))",
                "--junit", folder.file("report.xml"), "--html", folder.file("report.html"),
            ] + options, workers: workers, folder: folder)
    }

    private static func hexadecimal(_ bits: UInt32) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension VerifySite {
    fileprivate func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }
}
