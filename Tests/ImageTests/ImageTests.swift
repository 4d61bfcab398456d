import Foundation
import TestSupport
import Testing

@Suite(
    "Images built by the lines of docker/Dockerfile",
    .enabled(
        if: StandIns.areAvailable,
        "no image was built: this needs root, Debian 12, overlayfs, Debian's packages debootstrap and iproute2, and .build/programs"
    ))
struct ImageTests {
    private static let workers = ["worker-1", "worker-2", "worker-3"]

    @Test("a coordinator and three workers verify under keys, each in a read-only root without privileges")
    func verifies() async throws {
        let images = try StandIns.build()
        let coordinatorImage = try #require(images["coordinator"]), workerImage = try #require(images["worker"])
        let compose = try ComposeFile()
        let network = try Network(["coordinator"] + Self.workers)
        let volumes = try Volumes()

        let prepare = try Container(
            coordinatorImage, name: "prepare", entryPoint: compose.list("entrypoint", in: "prepare:"), network: network,
            mounts: [(Script.repository + "/docker/prepare", "/prepare", false)]
                + volumes.mounts(["keys": "/keys", "nodes": "/nodes", "models": "/models"], of: coordinatorImage))
        #expect(try await prepare.exitCode() == 0, "\(prepare.log)")

        let command = try compose.list("command", in: "x-worker: &worker")
        let workers = try Self.workers.map { name in
            try Container(
                workerImage, name: name, entryPoint: workerImage.entryPoint, command: command, network: network,
                mounts: [(volumes.path("nodes/" + name), "/keys", false)]
                    + volumes.mounts(["cache-" + name: "/cache"], of: workerImage))
        }
        for worker in workers {
            #expect(try await worker.becomesHealthy(), "\(worker.log)")
            try Self.expectConfinement(of: worker, workerImage)
        }

        let coordinator = try Container(
            coordinatorImage, name: "coordinator", command: compose.list("command", in: "coordinator:"),
            network: network,
            mounts: volumes.mounts(["keys": "/keys", "models": "/models"], of: coordinatorImage, isWritable: false)
                + volumes.mounts(["store": "/store"], of: coordinatorImage))
        let logs = { (workers + [coordinator]).map(\.log).joined(separator: "\n") }
        #expect(try await coordinator.exitCode() == 0, "\(logs())")
        #expect(coordinator.log.contains("AGREE  All 9 results (3 nodes, 3 loading methods"), "\(coordinator.log)")
        for name in Self.workers { #expect(coordinator.log.contains("\n\(name) "), "\(coordinator.log)") }

        for worker in workers { try worker.stop() }
        for worker in workers { #expect(try await worker.exitCode() == 0, "\(worker.log)") }
    }

    @Test("compose.yaml starts every container as these tests do")
    func hardens() throws {
        let compose = try ComposeFile()
        let options = "x-hardened: &hardened"
        #expect(try compose.value("read_only", in: options) == "true")
        #expect(try compose.list("tmpfs", in: options) == ["/tmp"])
        #expect(try compose.list("cap_drop", in: options) == ["ALL"])
        #expect(try compose.list("security_opt", in: options) == ["no-new-privileges:true"])
        for kind in ["coordinator", "worker"] {
            #expect(try compose.value("<<", in: "x-\(kind): &\(kind)") == "*hardened")
        }
        for service in ["prepare", "coordinator"] {
            #expect(try compose.value("<<", in: service + ":") == "*coordinator")
        }
        for worker in Self.workers { #expect(try compose.value("<<", in: worker + ":") == "*worker") }
    }

    @Test("without arguments each image shows its help")
    func helps() async throws {
        let network = try Network([])
        for (name, program) in [("coordinator", "mae-coord"), ("worker", "mae-worker")] {
            let image = try #require(try StandIns.build()[name])
            let container = try Container(image, name: name, network: network, mounts: [])
            #expect(try await container.exitCode() == 0, "\(container.log)")
            #expect(container.log.contains("USAGE: \(program)"), "\(container.log)")
        }
    }

    /// What compose.yaml and the image promise of a container.
    private static func expectConfinement(of container: Container, _ image: Image) throws {
        #expect(try container.status("Uid")?.split(separator: "\t").allSatisfy { $0 == "10001" } == true)
        for field in ["CapPrm", "CapEff", "CapBnd"] {
            #expect(try container.status(field) == "0000000000000000", "\(field)")
        }
        #expect(try container.status("NoNewPrivs") == "1")
        let writing = try container.execute(["/bin/sh", "-c", "echo x >/keys/new || echo x >/etc/new || echo x >/new"])
        #expect(writing.exitCode != 0)
        #expect(writing.text.components(separatedBy: "Read-only file system").count == 4, "\(writing.text)")
        let asked = try #require(image.healthCheck)
        let other = try container.execute(asked.dropLast() + ["/tmp/another"])
        #expect(other.exitCode == 69, "\(other.text)")
    }
}
