import Foundation
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Compiled shaders")
struct ShaderTests {
    /// What SPIR-V calls the parts of a module that the contract is about.
    private enum Number {
        static let extensionImport: UInt16 = 11
        static let extended: UInt16 = 12
        static let typeFloat: UInt16 = 22
        static let decorate: UInt16 = 71
        static let add: UInt16 = 129, subtract: UInt16 = 131, multiply: UInt16 = 133
        static let noContraction: UInt32 = 42, binding: UInt32 = 33, aliased: UInt32 = 20
        static let float64: UInt32 = 10
        static let signedZeroInfNanPreserve: UInt32 = 4461, roundingModeRTE: UInt32 = 4462
        /// Negation, division, remainders, products of vectors and matrices, dot products: their precision is the
        /// driver's affair.
        static let forbidden: Set<UInt16> = [127, 136, 140, 141, 142, 143, 144, 145, 146, 147, 148]
        /// Fma, FindUMsb, SMax, SMin, UMin, Floor, PackDouble2x32, UnpackDouble2x32 of GLSL.std.450, all exact.
        static let exactFunctions: Set<UInt32> = [50, 75, 42, 39, 38, 8, 59, 65]
        static let fma: UInt32 = 50
    }

    /// Bindings through which a shader may reach one buffer, of which it writes one: it works in place.
    private static let inPlace: [String: Set<UInt32>] = ["linear": [3, 4], "layer_norm": [0, 3]]

    /// The bindings whose buffers a module says to be reached by others, too.
    static func aliased(in module: SPIRVModule) -> Set<UInt32> {
        let decorations = module.instructions.filter { $0.opcode == Number.decorate }.map { Array($0.operands) }
        let aliased = Set(decorations.filter { $0[1] == Number.aliased }.map { $0[0] })
        return Set(decorations.filter { $0[1] == Number.binding && aliased.contains($0[0]) }.map { $0[2] })
    }

    /// What in a module breaks the contract, in words.
    private static func faults(of words: [UInt32], name: String) throws -> [String] {
        let module = try SPIRVModule(words)
        var exact: Set<UInt32> = []
        var modes: Set<[UInt32]> = []
        var widths: Set<UInt32> = []
        var imports = 0
        for instruction in module.instructions {
            let operands = Array(instruction.operands)
            switch instruction.opcode {
            case Number.decorate where operands[1] == Number.noContraction: exact.insert(operands[0])
            case SPIRV.executionMode: modes.insert(Array(operands.dropFirst()))
            case Number.typeFloat: widths.insert(operands[1])
            case Number.extensionImport: imports += 1
            default: break
            }
        }
        var faults: [String] = []
        for width in widths {
            for mode in [Number.roundingModeRTE, Number.signedZeroInfNanPreserve] where !modes.contains([mode, width]) {
                faults.append("mode \(mode) of width \(width) is missing")
            }
        }
        let expected = inPlace[name.replacing("_float64", with: "")] ?? []
        for binding in aliased(in: module).symmetricDifference(expected).sorted() {
            faults.append("binding \(binding) is \(expected.contains(binding) ? "not " : "")marked as aliased")
        }
        if imports > 1 { faults.append("functions other than GLSL.std.450 are imported") }
        for instruction in module.instructions {
            let operands = Array(instruction.operands)
            switch instruction.opcode {
            case Number.add, Number.subtract, Number.multiply:
                if !exact.contains(operands[1]) { faults.append("operation \(operands[1]) may be contracted") }
            case Number.extended:
                if !Number.exactFunctions.contains(operands[3]) { faults.append("function \(operands[3]) is called") }
                if operands[3] == Number.fma && !exact.contains(operands[1]) {
                    faults.append("fused operation \(operands[1]) may be split")
                }
                if operands[3] == Number.fma && name.hasSuffix("_float64") {
                    faults.append("the driver's fma is called in the emulated form")
                }
            // Subgroup and group operations lie from 261 to 271 and from 333 to 366, atomic floats at 6035.
            case 261...271, 333...366, 6035: faults.append("opcode \(instruction.opcode) is used")
            default:
                if Number.forbidden.contains(instruction.opcode) {
                    faults.append("opcode \(instruction.opcode) is used")
                }
            }
        }
        return faults
    }

    @Test("every operation may not be contracted, modes are declared, and nothing inexact of the driver's is used")
    func contract() throws {
        #expect(Shader.modules.count == 22)
        for (name, words) in Shader.modules {
            #expect(try Self.faults(of: words, name: name) == [], "\(name)")
        }
    }

    @Test("a module that lost one decoration, or one mode, is noticed", arguments: FusedForm.allCases)
    func mutations(form: FusedForm) throws {
        let words = Shader.linear.words(form)
        let module = try SPIRVModule(words)
        let arithmetic = Set(
            module.instructions.filter { instruction in
                [Number.add, Number.subtract, Number.multiply].contains(instruction.opcode)
                    || (instruction.opcode == Number.extended && Array(instruction.operands)[3] == Number.fma)
            }.map { Array($0.operands)[1] })
        var found = 0
        for instruction in module.instructions {
            let operands = Array(instruction.operands)
            let isDecoration =
                instruction.opcode == Number.decorate && operands[1] == Number.noContraction
                && arithmetic.contains(operands[0])
            let isMode = instruction.opcode == SPIRV.executionMode && operands[1] >= Number.signedZeroInfNanPreserve
            let isAlias = instruction.opcode == Number.decorate && operands[1] == Number.aliased
            guard isDecoration || isMode || isAlias else { continue }
            found += 1
            var changed = words
            changed.removeSubrange(instruction.position...instruction.position + instruction.operands.count)
            #expect(try Self.faults(of: changed, name: form == .native ? "linear" : "linear_float64").count == 1)
        }
        // Two modes for each width of numbers, and two buffers.
        #expect(found == arithmetic.count + (form == .native ? 2 : 4) + 2)
    }

    @Test("words that are no module are refused where they break")
    func malformed() throws {
        let words = Shader.softmax.words(.native)
        #expect(throws: SPIRVModule.Malformed(position: 0)) { try SPIRVModule([]) }
        #expect(throws: SPIRVModule.Malformed(position: 0)) { try SPIRVModule(words.map(\.byteSwapped)) }
        var changed = words
        changed[5] = 17
        #expect(throws: SPIRVModule.Malformed(position: 5)) { try SPIRVModule(changed) }
        let last = try #require(try SPIRVModule(words).instructions.last { !$0.operands.isEmpty })
        #expect(throws: SPIRVModule.Malformed(position: last.position)) {
            try SPIRVModule(Array(words[...last.position]))
        }
    }

    @Test("keeping subnormals adds one capability and one mode, and spirv-val agrees")
    func subnormals() throws {
        for (name, words) in Shader.modules {
            let module = try SPIRVModule(words)
            let keeping = try module.adding(.denormPreserve, width: 32)
            #expect(keeping.instructions.count == module.instructions.count + 2)
            #expect(try Self.faults(of: keeping.words, name: name) == [])
            guard Tools.validator != nil else { continue }
            let folder = try TemporaryDirectory()
            let file = folder.file("module.spv")
            try keeping.words.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
            #expect(try Tools.run("spirv-val", ["--target-env", "vulkan1.2", file]).status == 0)
        }
    }

    /// Devices whose drivers have fewer float controls than we ask for.
    static let weakDrivers: [@Sendable (inout PhysicalDevice) -> Void] = [
        { $0.arithmetic.roundsToEven32 = false }, { $0.arithmetic.roundsToEven64 = false },
        { $0.arithmetic.keepsZeroInfNan32 = false }, { $0.arithmetic.keepsZeroInfNan64 = false },
        { device in
            device.arithmetic.roundsToEven64 = false
            device.arithmetic.rounds32BitAlone = false
        },
        { device in
            device.arithmetic.roundsToEven32 = false
            device.arithmetic.keepsZeroInfNan32 = false
            device.arithmetic.roundsToEven64 = false
            device.arithmetic.keepsZeroInfNan64 = false
        },
    ]

    @Test(
        "modes that a driver does not support are dropped, their capabilities with the last of them, and spirv-val agrees",
        .onDevice, arguments: weakDrivers.indices)
    func droppedModes(driver: Int) throws {
        let devices = try TestDevice.vulkan.get().instance.physicalDevices()
        var device = try #require(devices.first)
        Self.weakDrivers[driver](&device)
        let arithmetic = device.arithmetic
        for form in FusedForm.allCases {
            for shader in Shader.allCases {
                let module = try SPIRVModule(shader.words(form))
                let declared = try module.declaring(arithmetic, form: form)
                let (before, after) = (Self.modes(of: module), Self.modes(of: declared))
                let agrees = arithmetic.rounds32BitAlone || arithmetic.roundsToEven64
                let supported: [[UInt32]: Bool] = [
                    [Number.roundingModeRTE, 32]: arithmetic.roundsToEven32 && (form == .native || agrees),
                    [Number.roundingModeRTE, 64]: arithmetic.roundsToEven64
                        && (arithmetic.rounds32BitAlone || arithmetic.roundsToEven32),
                    [Number.signedZeroInfNanPreserve, 32]: arithmetic.keepsZeroInfNan32,
                    [Number.signedZeroInfNanPreserve, 64]: arithmetic.keepsZeroInfNan64,
                ]
                #expect(after == before.filter { supported[$0] != false }, "\(shader) \(form)")
                let capabilities = Set(
                    declared.instructions.filter { $0.opcode == SPIRV.capability }.compactMap(\.operands.first))
                for mode in [FloatMode.roundingModeRTE, .signedZeroInfNanPreserve] {
                    #expect(capabilities.contains(mode.capability) == after.contains { $0[0] == mode.number })
                }
                guard Tools.validator != nil else { continue }
                let folder = try TemporaryDirectory()
                let file = folder.file("module.spv")
                try declared.words.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
                #expect(try Tools.run("spirv-val", ["--target-env", "vulkan1.2", file]).status == 0)
            }
        }
    }

    /// Modes of float controls with their widths.
    private static func modes(of module: SPIRVModule) -> Set<[UInt32]> {
        Set(module.instructions.filter { $0.opcode == SPIRV.executionMode }.map { Array($0.operands.dropFirst()) })
            .filter { [Number.roundingModeRTE, Number.signedZeroInfNanPreserve].contains($0[0]) }
    }

    @Test(
        "compiling them again gives the committed words",
        .enabled(if: Tools.match || Tools.mustMatch, Tools.mismatch))
    func reproducible() throws {
        try #require(Tools.match, Tools.mismatch)
        let folder = try TemporaryDirectory()
        let result = try Tools.run(Tools.directory + "/compile", [folder.path])
        #expect(result.status == 0, "\(result.output)")
        let committed = Tools.directory + "/generated"
        let names = try FileManager.default.contentsOfDirectory(atPath: committed).sorted()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == names)
        for name in names {
            let again = FileManager.default.contents(atPath: folder.file(name))
            #expect(again == FileManager.default.contents(atPath: committed + "/" + name), "\(name)")
        }
    }
}

/// Programs that compile shaders.
private enum Tools {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/CMAEShaders").path

    static let mismatch: Comment =
        "glslc and spirv-tools are missing or of other versions than generated/tools.txt names"

    /// Whether the compilers are those that the committed words came from.
    static var match: Bool {
        let script = """
            glslc --version | sed -n 's/^\\(shaderc\\|spirv-tools\\|glslang\\) */\\1 /p'
            spirv-as --version | head -n 1
            """
        let versions = try? run("bash", ["-c", script])
        let committed = try? String(contentsOfFile: directory + "/generated/tools.txt", encoding: .utf8)
        return versions.map(\.output) == committed
    }

    /// Whether they have to be: Debian 12 has one version of each, which `Tests/run` installs.
    static var mustMatch: Bool {
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let lines = system.split(separator: "\n")
        return TestDevice.isRequired && lines.contains("ID=debian") && lines.contains("VERSION_ID=\"12\"")
    }

    static var validator: String? { (try? run("spirv-val", ["--version"]))?.status == 0 ? "spirv-val" : nil }

    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
