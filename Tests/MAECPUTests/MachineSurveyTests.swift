import Foundation
import TestSupport
import Testing

@testable import MAECPU

@Suite("What the system tells of a machine")
struct MachineSurveyTests {
    private static func survey(_ cpuinfo: String, _ devices: [String: String] = [:]) throws -> MachineSurvey {
        let folder = try TemporaryDirectory()
        let file = try folder.write("cpuinfo", Array(cpuinfo.utf8))
        for (name, text) in devices {
            let url = URL(fileURLWithPath: folder.file("cpu/" + name))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return withExtendedLifetime(folder) {
            MachineSurvey(
                cpuinfo: file, devices: folder.file("cpu"),
                groups: ControlGroups(membership: folder.file("none"), mounts: folder.path))
        }
    }

    @Test("an x86-64 processor in a virtual machine")
    func virtual() throws {
        let survey = try Self.survey(
            """
            processor\t: 0
            vendor_id\t: AuthenticAMD
            cpu family\t: 25
            model\t\t: 17
            model name\t: AMD EPYC 9R14
            stepping\t: 1
            microcode\t: 0xa101148
            flags\t\t: fpu sse4_2 avx2 avx fma f16c avx512f avx512_vnni hypervisor

            """, ["smt/active": "1\n", "cpu0/cpufreq/scaling_governor": "performance\n"])
        #expect(survey.processor == "AMD EPYC 9R14")
        #expect(survey.model == "family 25, model 17, stepping 1")
        #expect(survey.microcode == "0xa101148")
        #expect(survey.extensions == ["sse4_2", "f16c", "fma", "avx", "avx2", "avx512f", "avx512_vnni"])
        #expect(survey.isVirtual == true && survey.hasSMT == true && survey.governor == "performance")
        #expect(survey.processorLimit == nil && survey.memoryLimit == nil)
    }

    @Test("a 64-bit ARM processor, which has no name and no microcode")
    func arm() throws {
        let survey = try Self.survey(
            """
            processor\t: 0
            Features\t: fp asimd asimdhp sve bf16
            CPU implementer\t: 0x41
            CPU part\t: 0xd40
            CPU revision\t: 1

            """)
        #expect(survey.model == "implementer 0x41, part 0xd40, revision 1")
        #expect(survey.extensions == ["asimd", "asimdhp", "sve", "bf16"])
        #expect(survey.microcode == nil && survey.isVirtual == nil && survey.hasSMT == nil)
        #expect(!survey.processor.isEmpty)
    }

    @Test("this machine")
    func here() {
        let survey = MachineSurvey()
        #expect(survey.libc?.hasPrefix("glibc ") == true && survey.kernel?.isEmpty == false)
        #expect(survey.onlineProcessors >= 1 && survey.memory > 1 << 20)
    }

    @Test("limits of memory are those of the tightest group")
    func memoryLimit() throws {
        let folder = try TemporaryDirectory()
        let membership = try folder.write("membership", Array("0::/a\n1:memory:/b\n".utf8))
        for (name, text) in [
            ("a/memory.max", "9000"), ("memory/b/memory.limit_in_bytes", "7000"),
            ("memory/memory.limit_in_bytes", "9223372036854771712"), ("memory.max", "max"),
        ] {
            let url = URL(fileURLWithPath: folder.file("groups/" + name))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        #expect(ControlGroups(membership: membership, mounts: folder.file("groups")).memoryLimit == 7000)
        #expect(ControlGroups(membership: membership, mounts: folder.file("groups/memory/none")).memoryLimit == nil)
    }
}
