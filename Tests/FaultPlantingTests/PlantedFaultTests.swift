import FaultTestSupport
import Glibc
import MAECPU
import MAECompute
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEEngine

@Suite("Planted faults")
struct PlantedFaultTests {
    /// What an operation wrote.
    private struct Look {
        let name: String
        let value: Tensor
    }

    private static let model = Result {
        let folder = try TemporaryDirectory()
        try FaultModel.write(to: folder.file("model"))
        return folder
    }

    /// What each operation wrote in the last of some passes, and the encoder's output.
    private static func looks(
        _ options: EngineOptions, _ faults: [PlantedFault], passes: Int = 1
    ) throws -> (looks: [Look], output: Tensor) {
        let engine = try Engine.open(options, with: faults) { TappingBackend(base: $0) }
        // The known questions were answered as the class has it.
        #expect(engine.description.numericClass == NumericClass.canonical)
        let loaded = try engine.load(model.get().file("model"))
        let request = BatchRequest(seed: 5, pixels: .seeded(images: FaultModel.images), maskRatio: 0.75)
        let seen = Mutex<[Look]>([])
        let control = RunControl(observer: { tap, value in
            seen.withLock { $0.append(Look(name: tap.name, value: value)) }
        })
        var output: Tensor?
        for _ in 0..<passes {
            seen.withLock { $0 = [] }
            output = try loaded.run(request, control: control).output.layernorm
        }
        return (seen.withLock(\.self), try #require(output))
    }

    private static let honest = Mutex<[EngineOptions: (looks: [Look], output: Tensor)]>([:])

    /// What each operation writes without faults, which is the same in each pass.
    private static func honestLooks(_ options: EngineOptions) throws -> (looks: [Look], output: Tensor) {
        try honest.withLock { known in
            if let looks = known[options] { return looks }
            let looks = try looks(options, [])
            known[options] = looks
            return looks
        }
    }

    private static func options(_ fault: FaultCase) -> EngineOptions {
        var options = EngineOptions(threads: fault.options == ["--pin"] ? 1 : 2)
        options.pinsThreads = fault.options == ["--pin"]
        if fault.options.first == "--isa" {
            options.instructionSet = fault.options.last.flatMap(InstructionSet.init(rawValue:))
        }
        return options
    }

    /// Checks that values first differ where the case says, and in no other way.
    private func check(_ fault: FaultCase, _ options: EngineOptions) throws {
        let planted = try PlantedFault(fault.spec)
        let (expected, output) = try Self.honestLooks(options)
        let (found, faultyOutput) = try Self.looks(options, [planted], passes: planted.every)
        #expect(found.map(\.name) == expected.map(\.name))
        let first = try #require(
            zip(expected, found).first { !$0.value.hasSameBits(as: $1.value) }, "nothing differs")
        #expect(first.0.name.hasPrefix("\(fault.layer), operation \(fault.operation) of "), "\(first.0.name)")
        let columns = first.0.value.shape[1]
        let (right, wrong) = (first.0.value.elements, first.1.value.elements)
        var differing = 0
        for index in right.indices where right[index].bitPattern != wrong[index].bitPattern {
            differing += 1
            let (row, column) = (index / columns, index % columns)
            #expect(fault.pattern.contains(row: row, column: column), "row \(row), column \(column)")
            #expect(fault.pattern.allows(wrong[index], insteadOf: right[index]), "row \(row), column \(column)")
        }
        if fault.pattern.isFull {
            let places = right.indices.count { fault.pattern.contains(row: $0 / columns, column: $0 % columns) }
            #expect(differing == places)
        }
        // The mean over tokens is no part of the layernorm output.
        let isSeen = !output.hasSameBits(as: faultyOutput)
        #expect(isSeen == (fault.isSeenInOutput && fault.layer != "vit.layernorm"))
    }

    @Test("on the CPU differ where they should, and nowhere else at that operation", arguments: FaultCase.all)
    func onCPU(_ fault: FaultCase) throws { try check(fault, Self.options(fault)) }

    @Test(
        "in a backend without a hook differ where they should, and nowhere else at that operation",
        arguments: FaultCase.all.filter { $0.options.isEmpty }.sampled(8))
    func inExcerpts(_ fault: FaultCase) throws { try check(fault, EngineOptions(backend: .reference)) }

    @Test(
        "in a Vulkan device differ where they should, and the processor computes rightly",
        .enabled("no Vulkan device opens here") { (try? Engine(VulkanDevice.options)) != nil })
    func onVulkan() throws {
        try check(FaultCase.vulkan, VulkanDevice.options)
        let fault = try PlantedFault(FaultCase.vulkan.spec)
        #expect(
            try Self.looks(EngineOptions(threads: 1), [fault]).output
                .hasSameBits(as: Self.honestLooks(EngineOptions(threads: 1)).output))
    }

    @Test("of each n-th pass are in no other")
    func intermittent() throws {
        let fault = try PlantedFault("bit=21,layer=1,operation=7,rows=1,columns=1,every=3")
        let (_, expected) = try Self.honestLooks(EngineOptions(threads: 1))
        for passes in 1...6 {
            let (_, output) = try Self.looks(EngineOptions(threads: 1), [fault], passes: passes)
            #expect(output.hasSameBits(as: expected) == (passes % 3 != 0), "pass \(passes)")
        }
    }

    @Test(
        "of another processor, instruction set or backend are not there",
        arguments: ["bit=20,layer=1,processor=65000", "bit=20,layer=1,isa=neon", "bit=20,layer=1,backend=vulkan"])
    func absent(_ spec: String) throws {
        let options = EngineOptions(threads: 1)
        #expect(
            try Self.looks(options, [PlantedFault(spec)]).output.hasSameBits(as: Self.honestLooks(options).output))
    }

    @Test(
        "are refused when they make no sense",
        arguments: [
            "", "layer=3", "bit=32", "bit=-1", "bit=x", "bit=1,nan", "bit=1,bit=2", "bit=1,lane=16/16", "bit=1,lane=3",
            "bit=1,rows=5-4", "bit=1,rows=1-2-3", "bit=1,rows=", "bit=1,every=0", "bit=1,isa=mmx", "bit=1,where=here",
            "epsilon=x", "activation=tanh", "order=random", "weight=1:2", "weight=1,bit=3", "bit=1,operation=0",
        ])
    func refused(_ spec: String) { #expect(throws: FaultSpecError.self) { try PlantedFault(spec) } }
}

private enum VulkanDevice {
    static let options: EngineOptions = {
        // Mesa's processor driver, unless the environment names another.
        setenv("VK_ICD_FILENAMES", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", 0)
        setenv("XDG_RUNTIME_DIR", "/tmp", 0)
        return EngineOptions(backend: .vulkan(device: 0))
    }()
}
