import ComputeTestSupport
import Foundation
import MAECompute
import MAETensor
import Testing

@testable import MAEVulkan

/// The device of all tests: one backend, whose pipelines are compiled once, under the validation layer where it is installed.
enum TestDevice {
    /// What the validation layer said.
    static let validation = ValidationLog()

    /// The connection that most tests share.
    static let vulkan = Result { try open() }

    /// A connection of a test's own, under the validation layer where it is installed.
    static func open(_ calls: Calls = Calls(), validation: ValidationLog = validation) throws -> Vulkan {
        environment
        return try Vulkan(calls, validation: ValidationLog.isAvailable ? validation : nil)
    }

    /// Tests run on Mesa's processor driver unless the environment names another.
    private static let environment: Void = {
        setenv("VK_ICD_FILENAMES", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", 0)
        // The loader complains on standard error where a session has no such folder.
        setenv("XDG_RUNTIME_DIR", "/tmp", 0)
    }()

    /// Whether this machine was set up for these tests, so that nothing may be missing.
    static let isRequired = getenv("MAE_TEST_VULKAN") != nil

    /// The opened backend.
    static let backend = Result { try VulkanBackend(vulkan.get()) }
}

/// Fails each test that the validation layer objected to.
struct UnderValidation: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        #expect(TestDevice.validation.take() == [], "the validation layer objected before the test")
        try await function()
        #expect(TestDevice.validation.take() == [], "the validation layer objects")
    }
}

extension Trait where Self == UnderValidation {
    static var underValidation: Self { UnderValidation() }
}

extension Trait where Self == ConditionTrait {
    /// `Tests/run` installs a driver and says so: then a device that does not open is a failure, not a reason to skip.
    static var onDevice: Self {
        .enabled("no Vulkan device opens here, and Tests/run could not install Mesa's driver") {
            TestDevice.isRequired || (try? TestDevice.backend.get()) != nil
        }
    }
}

extension Case {
    /// Numbers of the outputs that differ in any bit from the reference's.
    func disagreeing() throws -> [Int] {
        let expected = try run(on: ReferenceBackend())
        let outputs = try run(on: TestDevice.backend.get())
        #expect(outputs.count == expected.count)
        return zip(outputs, expected).enumerated().filter { !$1.0.hasSameBits(as: $1.1) }.map(\.offset)
    }
}
