import Foundation
import TestSupport
import Testing

@Suite("mae-coord keys")
struct KeysTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func keys(_ arguments: String...) async throws -> CommandResult {
        try await Program.coordinator.run(["keys"] + arguments, in: folder.path)
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }

    @Test("keys are made, nodes added, listed and revoked; nobody else can read the files")
    func life() async throws {
        #expect(try await keys("init").exitCode == 0)
        let added = try await keys("add", "left")
        #expect(added.exitCode == 0, "\(added.errors)")
        #expect(added.output.contains("left.key"))
        #expect(try await keys("add", "right", "--output", "other.key").exitCode == 0)
        #expect(try mode("mae-keys") == 0o700)
        for file in ["left.key", "other.key", "mae-keys/coordinator.key", "mae-keys/nodes/left.key"] {
            #expect(try mode(file) == 0o600, "\(file)")
        }
        // The node's secret lies in the node's file alone.
        let secret = try #require(
            try String(contentsOfFile: folder.file("left.key"), encoding: .utf8).split(separator: "\n")
                .first { $0.hasPrefix("secret-key: ") })
        let kept = try String(contentsOfFile: folder.file("mae-keys/nodes/left.key"), encoding: .utf8)
        #expect(!kept.contains(secret) && !added.output.contains(secret.dropFirst(12)))

        #expect(try await keys("revoke", "left").exitCode == 0)
        let listed = try await keys("list", "--json").json
        #expect(listed["coordinator_key"]?.count == 40)
        #expect(listed.number("schema") == 1)
        #expect(try listed.objects("nodes").map { $0["name"] } == ["right"])
        #expect(try listed.objects("revoked").map { $0["name"] } == ["left"])
        #expect(try listed.objects("nodes")[0]["public_key"]?.count == 40)
        let text = try await keys("list").output
        #expect(text.contains("node") && text.contains("revoked") && text.contains("coordinator"))
    }

    @Test("a node that has a key gets no second one, and is what is told of, not a file", arguments: [true, false])
    func again(hasFile: Bool) async throws {
        #expect(try await keys("init").exitCode == 0)
        #expect(try await keys("add", "left").exitCode == 0)
        if !hasFile { try FileManager.default.removeItem(atPath: folder.file("left.key")) }
        let again = try await keys("add", "left")
        #expect(again.exitCode == 65)
        #expect(
            again.errors.contains("left has a key already") && again.errors.contains("keys revoke left"),
            "\(again.errors)")
        #expect(!again.errors.contains("left.key"), "\(again.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.file("left.key")) == hasFile)
    }

    @Test("a node's own public key is added without any secret")
    func publicKey() async throws {
        #expect(try await keys("init").exitCode == 0)
        let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
        let added = try await keys("add", "left", "--public-key", key)
        #expect(added.exitCode == 0 && added.output.contains("public key is"))
        #expect(try await keys("list", "--json").json.objects("nodes")[0]["public_key"] == key)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mae-keys"])
        #expect(try await keys("add", "right", "--public-key", key).exitCode == 65)
        #expect(try await keys("add", "right", "--public-key", String(key.dropLast())).exitCode == 64)
        #expect(try await keys("add", "right", "--public-key", key, "--output", "x").exitCode == 64)
    }

    @Test("a revoked key is refused with its history, which is kept")
    func revokedKey() async throws {
        #expect(try await keys("init").exitCode == 0)
        let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
        #expect(try await keys("add", "left", "--public-key", key).exitCode == 0)
        #expect(try await keys("revoke", "left").exitCode == 0)
        let again = try await keys("add", "left", "--public-key", key)
        #expect(again.exitCode == 65)
        #expect(again.errors.contains("this key was revoked on ") && again.errors.contains("as that of left"))
        let list = try await keys("list", "--json").json
        #expect(try list.objects("nodes").isEmpty)
        #expect(try list.objects("revoked").map { $0["public_key"] } == [key])
    }

    @Test("what cannot be done is refused with its reason, and changes nothing")
    func refusals() async throws {
        let missing = try await keys("add", "left")
        #expect(missing.exitCode == 65 && missing.errors.contains("keys init"), "\(missing.errors)")
        #expect(try await keys("list").exitCode == 65)
        #expect(try await keys("init").exitCode == 0)
        #expect(try await keys("init").exitCode == 65)
        #expect(try await keys("revoke", "left").exitCode == 65)
        #expect(try await keys("add", "").exitCode == 64)
        _ = try folder.write("left.key", Array("mine".utf8))
        #expect(try await keys("add", "left").exitCode == 65)
        #expect(try String(contentsOfFile: folder.file("left.key"), encoding: .utf8) == "mine")
        #expect(try await keys("add", "left", "--output", "a.key").exitCode == 0)
        #expect(try await keys("add", "left", "--output", "b.key").exitCode == 65)
        #expect(!FileManager.default.fileExists(atPath: folder.file("b.key")))
        #expect(try await keys("list", "--json").json.objects("nodes").count == 1)
    }

    @Test(
        "the folder of the keys may have any name, and those above it are made",
        arguments: ["k", "k/", "a/b/k", "./k//"])
    func folderName(path: String) async throws {
        let made = try await keys("init", "--keys", path)
        #expect(made.exitCode == 0, "\(made.errors)")
        #expect(try await keys("add", "n", "--keys", path, "--output", "f").exitCode == 0)
        #expect(try mode(path) == 0o700)
        #expect(try await keys("list", "--keys", path, "--json").json.objects("nodes").map { $0["name"] } == ["n"])
    }

    @Test("files that cannot be trusted are named with their control characters escaped")
    func hostileNames() async throws {
        #expect(try await keys("init").exitCode == 0)
        for name in ["a", "b"] { _ = try folder.write("mae-keys/nodes/\(name)\u{1B}[2J.key", Array("none".utf8)) }
        let listed = try await keys("list")
        #expect(listed.exitCode == 65)
        #expect(listed.errors.contains("nodes/a") && listed.errors.contains("nodes/b"), "\(listed.errors)")
        #expect(!listed.errors.contains("\u{1B}"))
    }

    @Test("files that others may read are refused by both programs", arguments: [0o644, 0o640])
    func openFiles(mode: Int) async throws {
        #expect(try await keys("init").exitCode == 0)
        #expect(try await keys("add", "left").exitCode == 0)
        func open(_ file: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file(file))
        }
        try open("left.key")
        let worker = try await Program.worker.run(
            ["--connect", "tcp://127.0.0.1:9", "--key", folder.file("left.key"), "--threads", "1"])
        #expect(worker.exitCode == 65)
        #expect(worker.errors.contains("chmod 600"), "\(worker.errors)")
        try open("mae-keys/nodes/left.key")
        let listed = try await keys("list")
        #expect(listed.exitCode == 65 && listed.errors.contains("left.key"))
        try open("mae-keys/coordinator.key")
        let verify = try await Program.coordinator.run(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--secure",
                "--method", "full=\(Goldens.path("checkpoints/full5.pth"))",
            ], in: folder.path)
        #expect(verify.exitCode == 65, "\(verify.errors)")
        #expect(verify.errors.contains("coordinator.key"))
    }
}
