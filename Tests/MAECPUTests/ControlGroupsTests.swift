import Foundation
import TestSupport
import Testing

@testable import MAECPU

@Suite("Limits of control groups")
struct ControlGroupsTests {
    /// Groups as the files of a folder tell them.
    private func groups(_ membership: String, _ files: [String: String]) throws -> (ControlGroups, TemporaryDirectory) {
        let folder = try TemporaryDirectory()
        try Data(membership.utf8).write(to: URL(fileURLWithPath: folder.file("membership")))
        for (name, text) in files {
            let file = URL(fileURLWithPath: folder.file("mounts/" + name))
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return (ControlGroups(membership: folder.file("membership"), mounts: folder.file("mounts")), folder)
    }

    @Test("the tightest group around the process counts, in the unified hierarchy")
    func unified() throws {
        let (groups, folder) = try groups(
            "0::/site/job\n",
            [
                "cpu.max": "max 100000\n", "site/cpu.max": "150000 100000\n", "site/job/cpu.max": "400000 100000\n",
                "site/job/memory.max": "max\n", "site/memory.max": "5000\n", "site/memory.current": "3000\n",
                "site/memory.stat": "anon 1000\nactive_file 200\ninactive_file 300\n",
            ])
        withExtendedLifetime(folder) {
            #expect(groups.processorQuota == 1.5)
            #expect(groups.memoryLeft == 2500)
        }
    }

    @Test("and in hierarchies of a controller each, with a container's group mounted as the root")
    func separate() throws {
        let (groups, folder) = try groups(
            "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n0::/\n",
            [
                "cpu,cpuacct/cpu.cfs_quota_us": "50000\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
                "memory/memory.limit_in_bytes": "7000\n", "memory/memory.usage_in_bytes": "9000\n",
                "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 1000\ntotal_active_file 3000\n",
            ])
        withExtendedLifetime(folder) {
            #expect(groups.processorQuota == 0.5)
            #expect(groups.memoryLeft == 2000)
        }
    }

    @Test(
        "without a limit there is none",
        arguments: [
            ["cpu.max": "max 100000", "memory.max": "max", "memory.current": "1"], ["cpu.max": "", "memory.max": "x"],
            [:],
        ])
    func none(files: [String: String]) throws {
        let (groups, folder) = try groups("0::/\n", files)
        withExtendedLifetime(folder) {
            #expect(groups.processorQuota == nil)
            #expect(groups.memoryLeft == nil)
        }
    }

    @Test("a negative quota of the first kind of groups is no limit")
    func negativeQuota() throws {
        let (groups, folder) = try groups(
            "1:cpu:/\n", ["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"])
        withExtendedLifetime(folder) { #expect(groups.processorQuota == nil) }
    }

    @Test(
        "a thread for each processor that may be used, no more than the quota pays for",
        arguments: [(4, nil, 4), (4, 8, 4), (4, 1.5, 2), (4, 0.1, 1), (1, 3, 1)] as [(Int, Double?, Int)])
    func threads(allowed: Int, quota: Double?, expected: Int) {
        #expect(Processor.usableCount(allowed: allowed, quota: quota) == expected)
    }

    @Test("what this machine tells makes sense")
    func here() {
        #expect((1...Processor.allowedCount).contains(Processor.usableCount))
        #expect(MachineMemory.available > 1 << 20)
    }
}
