import ComputeTestSupport
import Foundation
import MAECompute
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Failures of a Vulkan device", .onDevice, .underValidation)
struct FailureTests {
    /// A program with an operation of each kind of step that can fail: upload, pipelines, descriptors, runs.
    private static func example() -> Case {
        var random = SplitMix(seed: 1)
        var example = Case()
        let input = example.input(random.matrix(5, 20))
        let id = example.parameters.add(LinearParameters(weights: [random.matrix(7, 20)], biases: [random.vector(7)]))
        example.output(rows: 5, columns: 7) {
            .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
        }
        return example
    }

    /// Opens a backend and runs the example once, `function` failing with `result` from its call number `first` on.
    private static func run(_ function: VulkanFunction, _ result: Int32, from first: Int) throws {
        _ = try TestDevice.backend.get()
        let count = Mutex(0)
        let calls = Calls(timeout: .patience) { called in
            guard called == function else { return nil }
            return count.withLock { count in
                count += 1
                return count > first ? result : nil
            }
        }
        _ = try example().run(on: VulkanBackend(TestDevice.open(calls)))
    }

    @Test(
        "every call may fail, at the first and at a later use, and ends in an error that tells its name",
        arguments: VulkanFunction.allCases.filter { $0 != .createMessenger && $0 != .waitForFences })
    func everyCall(_ function: VulkanFunction) throws {
        let unknown: Int32 = -13
        let error = #expect(throws: ComputeError.self) { try Self.run(function, unknown, from: 0) }
        #expect(error?.message.contains(function.rawValue) == true)
        #expect(error?.code == (function == .submit ? .deviceLost : .unsupportedDevice))
        let later: [VulkanFunction] = [
            .allocateMemory, .createBuffer, .createPipeline, .submit, .allocateDescriptorSets,
        ]
        guard later.contains(function) else { return }
        for first in [1, 2] {
            #expect(throws: ComputeError.self) { try Self.run(function, unknown, from: first) }
        }
    }

    @Test("no memory, of host or device, is outOfMemory", arguments: [-1, -2] as [Int32])
    func outOfMemory(result: Int32) throws {
        for function in [VulkanFunction.allocateMemory, .createPipeline, .submit] {
            let error = #expect(throws: ComputeError.self) { try Self.run(function, result, from: 0) }
            #expect(error?.code == .outOfMemory)
        }
    }

    @Test("a lost device is deviceLost, when work is handed over and when it is waited for")
    func lost() throws {
        for function in [VulkanFunction.submit, .waitForFences] {
            let error = #expect(throws: ComputeError.self) { try Self.run(function, -4, from: 1) }
            #expect(error?.code == .deviceLost)
        }
    }

    @Test(
        "work that cannot be waited for may go on: the device counts as lost, and nothing of it is freed",
        arguments: [
            -1, -2, -13,
        ] as [Int32])
    func unwaitable(result: Int32) throws {
        let submissions = Mutex(0)
        let work = try EmptyWork(
            Calls { function in
                if function == .submit { submissions.withLock { $0 += 1 } }
                return function == .waitForFences ? result : nil
            })
        let error = #expect(throws: ComputeError.self) { try work.run() }
        #expect(error?.code == .deviceLost)
        #expect(work.device.isAbandoned && VulkanBackend.hasAbandonedWork)
        let again = #expect(throws: ComputeError.self) { try work.run() }
        #expect(again?.code == .deviceHung)
        #expect(submissions.withLock(\.self) == 1, "nothing is handed over behind it")
    }

    @Test("time in which this process did not run is no time that the device took")
    func stopped() throws {
        let waits = Mutex(0)
        let timeout = Duration.seconds(2)
        let work = try EmptyWork(
            Calls(timeout: timeout) { function in
                guard function == .waitForFences else { return nil }
                let isFirst = waits.withLock { count in
                    count += 1
                    return count == 1
                }
                guard isFirst else { return nil }
                // As long as the clock goes on for a process that is stopped.
                Thread.sleep(forTimeInterval: timeout / .seconds(1) + 0.1)
                let timeout: Int32 = 2
                return timeout
            })
        try work.run()
        #expect(waits.withLock(\.self) == 2)
    }

    @Test("a device whose shaders see fewer buffers at once than ours need is refused")
    func fewBuffers() throws {
        _ = try TestDevice.backend.get()
        func open(_ buffers: Int) throws -> VulkanBackend {
            try VulkanBackend(TestDevice.open()) { $0.limits.storageBuffers = buffers }
        }
        let error = #expect(throws: ComputeError.self) { try open(PipelineStore.bindingCount - 1) }
        #expect(error?.code == .unsupportedDevice)
        #expect(error?.message.contains("its shaders see 4 buffers at once, where ours need 5") == true)
        _ = try open(PipelineStore.bindingCount)
    }

    @Test("work that is not done in time is deviceHung")
    func hung() throws {
        let timeout: Int32 = 2
        let error = #expect(throws: ComputeError.self) { try Self.run(.waitForFences, timeout, from: 1) }
        #expect(error?.code == .deviceHung)
    }

    @Test("without a loader the error says how to get one")
    func noLoader() throws {
        let error = #expect(throws: ComputeError.self) { _ = try Vulkan(Calls(), library: "libvulkan-absent.so.1") }
        #expect(error?.code == .unsupportedDevice)
        #expect(error?.message.contains("libvulkan1") == true)
    }

    @Test("a device that is not there is refused by number")
    func noDevice() throws {
        _ = try TestDevice.backend.get()
        let error = #expect(throws: ComputeError.self) { _ = try VulkanBackend(device: 99) }
        #expect(error?.code == .unsupportedDevice)
        #expect(error?.message.contains("99") == true)
    }

    @Test(
        "the validation layer, where it is installed, reports a planted mistake",
        .enabled(if: ValidationLog.isAvailable || TestDevice.isRequired))
    func validationWorks() throws {
        try #require(ValidationLog.isAvailable, "Khronos' validation layer is not installed")
        let log = ValidationLog()
        let vulkan = try TestDevice.open(validation: log)
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        // A buffer has at least one byte.
        _ = try? MemoryBlock(.staging, byteCount: 0, on: device)
        #expect(!log.take().isEmpty)
        // Two copies to one place, and nothing between them.
        let block = try MemoryBlock(.device, byteCount: 64, on: device)
        let (first, second) = (
            DeviceBuffer(block: block, offset: 0, byteCount: 16), DeviceBuffer(block: block, offset: 32, byteCount: 16)
        )
        let commands = try CommandPool(on: device)
        let buffer = try commands.commandBuffer()
        func record(ordered: Bool) throws -> [String] {
            try commands.record(buffer) { recorder in
                recorder.copy(first, to: second)
                if ordered { recorder.barrier(from: .copies, to: .copies) }
                recorder.copy(first, to: second)
            }
            return log.take()
        }
        #expect(try record(ordered: true) == [])
        #expect(try record(ordered: false).contains { $0.contains("SYNC-HAZARD") })
        withExtendedLifetime((commands, block)) {}
    }
}

/// Commands that do nothing, on a device of their own.
private struct EmptyWork {
    let device: Device
    /// Hands the commands over and waits for them.
    let run: () throws -> Void

    init(_ calls: Calls) throws {
        let vulkan = try TestDevice.open(calls)
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let commands = try CommandPool(on: device)
        let buffer = try commands.commandBuffer()
        let fence = try DeviceObject.fence(on: device)
        try commands.record(buffer) { _ in }
        self.device = device
        run = {
            defer { withExtendedLifetime(commands) {} }
            try device.run(buffer, fence: fence)
        }
    }
}
