import Foundation
import MAEDomain
import MAENight
import MAEVerify
import TestSupport
import Testing

@testable import VerifyTestSupport

@Suite("The file of a baseline")
struct BaselineFileTests {
    private let folder: TemporaryDirectory
    private let baseline: Baseline

    init() throws {
        folder = try TemporaryDirectory()
        baseline = try Baseline(Simulation(batches: 2).verify(), startedAt: "2026-01-31T02:00:00Z")
    }

    private func write(_ text: String) throws -> String { try folder.write("baseline.json", text.utf8) }

    @Test("comes back as it was, and is the same for the same baseline")
    func roundTrip() throws {
        let text = try BaselineFile.render(baseline)
        #expect(try BaselineFile.read(write(text)) == baseline)
        #expect(try BaselineFile.render(BaselineFile.read(write(text))) == text)
        #expect(text.hasPrefix("{\n  \"machines\": [") && text.hasSuffix("}\n"))
        #expect(
            text.contains("\"layernorm_sha256\": \"\(baseline.results[0].outputs["canonical-v1"]?.description ?? "")\"")
        )
    }

    @Test(
        "what is wrong with it is said with its place",
        arguments: [
            ("\"schema\": 1", "\"schema\": 9", "schema 9: this release reads schema 1"),
            ("\"noise\": \"shared\"", "\"noise\": \"loud\"", "settings.noise: no such policy as `loud`"),
            ("\"kind\": \"full\"", "\"kind\": \"fool\"", "methods[1].kind: no such way of loading as `fool`"),
            ("\"batch_size\": 2", "\"batch_size\": 0", "batches and batch_size are from 1 on"),
            ("\"batch_size\": 2", "\"batch_size\": \"2\"", "settings.batch_size is something else"),
            ("\"run\": \"run-1\"", "\"ran\": 1", "run is missing"),
            ("\"batch\": 1", "\"batch\": 0", "results[3]: batch 0 by pretrained is there twice"),
            ("{", "[", "this is no baseline"),
        ])
    func faults(_ text: String, _ other: String, _ message: String) throws {
        let whole = try BaselineFile.render(baseline)
        let path = try write(whole.replacing(text, with: other, maxReplacements: 1))
        let error = #expect(throws: BaselineError.self) { try BaselineFile.read(path) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix(path) == true)
    }

    @Test("digests of another length, deep nesting and no file at all are refused")
    func hostile() throws {
        let whole = try BaselineFile.render(baseline)
        let digest = baseline.results[0].weights.description
        let short = try write(whole.replacing(digest, with: String(digest.dropLast())))
        #expect(throws: BaselineError.self) { try BaselineFile.read(short) }
        let deep = try write(String(repeating: "[", count: 100_000))
        #expect(throws: BaselineError.self) { try BaselineFile.read(deep) }
        #expect(throws: BaselineError.self) { try BaselineFile.read(folder.file("none.json")) }
        #expect(throws: BaselineError.self) { try BaselineFile.read(folder.path) }
    }
}
